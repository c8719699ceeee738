//! A small SMTP server on loopback, which keeps what it is given and refuses when it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A letter as it crossed the wire.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// `MAIL FROM` and `RCPT TO`, as they were said.
    pub envelope: Vec<String>,
    /// The letter itself, dots unstuffed.
    pub raw: String,
}

/// One part of a letter that holds no other parts.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its `Content-Type`.
    pub kind: String,
    /// Its body, decoded.
    pub text: String,
}

impl Received {
    /// The letter's own header lines, unfolded.
    pub fn headers(&self) -> Vec<String> {
        headers(&self.raw)
    }

    /// The value of a header; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        value(&self.headers(), name)
    }

    /// All parts that hold text, in order.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        split(&self.raw, &mut parts);
        parts
    }
}

fn headers(raw: &str) -> Vec<String> {
    let head = raw.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

fn value(headers: &[String], name: &str) -> String {
    let prefix = format!("{}:", name.to_lowercase());
    let line = headers.iter().find(|line| line.to_lowercase().starts_with(&prefix));
    line.map(|line| line[prefix.len()..].trim().to_owned()).unwrap_or_default()
}

fn split(raw: &str, parts: &mut Vec<Part>) {
    let (headers, body) = (headers(raw), raw.split_once("\r\n\r\n").map_or("", |(_, body)| body));
    let kind = value(&headers, "content-type");
    if let Some(boundary) = kind.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()) {
        for part in body.split(&format!("--{boundary}")).skip(1).filter(|part| !part.starts_with("--")) {
            split(part.trim_start_matches("\r\n"), parts);
        }
        return;
    }
    let text = match value(&headers, "content-transfer-encoding").as_str() {
        "base64" => String::from_utf8(STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()).unwrap(),
        "quoted-printable" => unquoted(body),
        _ => body.to_owned(),
    };
    parts.push(Part { kind, text });
}

fn unquoted(body: &str) -> String {
    let (body, mut bytes) = (body.replace("=\r\n", ""), Vec::new());
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The server; it ends with the test.
#[derive(Clone)]
pub struct Postbox {
    /// Where it listens.
    pub address: SocketAddr,
    kept: Arc<Mutex<Vec<Received>>>,
    refusal: Arc<Mutex<Option<String>>>,
}

impl Postbox {
    /// Opens it on a port of its own.
    pub async fn open() -> Postbox {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let postbox = Postbox { address: listener.local_addr().unwrap(), kept: Arc::default(), refusal: Arc::default() };
        let server = postbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.talk(stream).await });
            }
        });
        postbox
    }

    /// What has arrived, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on recipients are answered so: `550 no such box`; `None` takes them again.
    pub fn refuse(&self, answer: Option<&str>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = answer.map(str::to_owned);
    }

    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let mut letter = Received::default();
        stream.write_all(b"220 postbox\r\n").await.ok()?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let said = line.trim_end().to_owned();
            let answer = match said.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
                "EHLO" => "250-postbox\r\n250 8BITMIME".to_owned(),
                "MAIL" => {
                    letter = Received { envelope: vec![said], raw: String::new() };
                    "250 ok".to_owned()
                }
                "RCPT" => {
                    letter.envelope.push(said);
                    let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    refusal.unwrap_or_else(|| "250 ok".to_owned())
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    loop {
                        let mut line = String::new();
                        if stream.read_line(&mut line).await.ok()? == 0 {
                            return None;
                        }
                        if line == ".\r\n" {
                            break;
                        }
                        letter.raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    }
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut letter));
                    "250 kept".to_owned()
                }
                "QUIT" => {
                    let _gone = stream.write_all(b"221 bye\r\n").await;
                    return None;
                }
                "RSET" | "NOOP" => "250 ok".to_owned(),
                _ => "500 what".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }
}
