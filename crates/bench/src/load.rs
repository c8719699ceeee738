//! The load: clients that each wait for an answer before they ask again, and what they saw.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// No answer takes longer than this; a peer under load needs seconds.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// Failures of one client after which it gives up.
const FAILURES_MAX: usize = 20;

/// One client: asks once, waits for the answer.
pub(crate) trait Client: Send + 'static {
    /// What kind of question was answered (an index of the caller's), or `None` when there is nothing more to ask.
    fn ask(&mut self) -> impl Future<Output = Result<Option<usize>, String>> + Send;
}

/// What the clients of one round saw.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// Kind and microseconds of each answer.
    pub(crate) answers: Vec<(usize, u64)>,
    /// Seconds from the first question to the last answer.
    pub(crate) seconds: f64,
    /// What went wrong, each kind of it once.
    pub(crate) faults: Vec<String>,
}

impl Seen {
    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.answers.len() as f64 / self.seconds } else { 0.0 }
    }

    /// The time that this share of the answers did not exceed, in milliseconds; of one kind when it is named.
    pub(crate) fn quantile(&self, share: f64, kind: Option<usize>) -> Option<f64> {
        let mut times: Vec<u64> =
            self.answers.iter().filter(|(of, _)| kind.is_none_or(|kind| kind == *of)).map(|(_, micros)| *micros).collect();
        times.sort_unstable();
        let last = times.len().checked_sub(1)?;
        let at = (share * times.len() as f64).ceil() as usize;
        times.get(at.saturating_sub(1).min(last)).map(|micros| *micros as f64 / 1_000.0)
    }
}

/// Lets all clients ask, each one question after the other, for so long or until none has a question left.
pub(crate) async fn run<C: Client>(clients: Vec<C>, length: Duration) -> (Seen, Vec<C>) {
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let stop = stop.clone();
            tokio::spawn(async move {
                let (mut answers, mut faults) = (Vec::new(), Vec::new());
                while !stop.load(Ordering::Relaxed) && faults.len() < FAILURES_MAX {
                    let asked = Instant::now();
                    match tokio::time::timeout(ANSWER_MAX, client.ask()).await {
                        Ok(Ok(Some(kind))) => {
                            answers.push((kind, u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX)));
                        }
                        Ok(Ok(None)) => break,
                        Ok(Err(fault)) => faults.push(fault),
                        Err(_) => faults.push("no answer within a minute".into()),
                    }
                }
                (client, answers, faults, Instant::now())
            })
        })
        .collect();
    let timer = tokio::spawn(async move {
        tokio::time::sleep(length).await;
        stop.store(true, Ordering::Relaxed);
    });
    let (mut seen, mut back, mut last) = (Seen::default(), Vec::new(), begun);
    for task in tasks {
        match task.await {
            Ok((client, answers, faults, ended)) => {
                seen.answers.extend(answers);
                seen.faults.extend(faults);
                back.push(client);
                last = last.max(ended);
            }
            Err(fault) => seen.faults.push(fault.to_string()),
        }
    }
    timer.abort();
    seen.seconds = last.duration_since(begun).as_secs_f64();
    seen.faults.sort();
    seen.faults.dedup();
    seen.faults.truncate(5);
    (seen, back)
}

/// One kept connection that speaks HTTP/1.1, no more than the servers measured here answer with.
pub(crate) struct Http {
    address: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// An answer: its status, the place of its body in the connection's buffer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// `Location`, when there is one.
    pub(crate) location: Option<String>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// For `host:port`; connects at the first question.
    pub(crate) fn new(address: &str) -> Http {
        Http { address: address.into(), stream: None, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// A request's bytes.
    pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend(body);
        bytes
    }

    /// Connects ahead, so that the first question does not pay for it.
    pub(crate) async fn connect(&mut self) -> Result<(), String> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.address).await.map_err(|fault| fault.to_string())?;
            stream.set_nodelay(true).map_err(|fault| fault.to_string())?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Sends a request and reads its answer. A connection that the server has closed meanwhile is opened anew, once.
    ///
    /// # Errors
    /// What broke.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer, String> {
        let kept = self.stream.is_some();
        match self.exchange(request).await {
            Err(_) if kept => {
                self.stream = None;
                self.exchange(request).await
            }
            other => other,
        }
        .inspect_err(|_| self.stream = None)
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer, String> {
        self.connect().await?;
        let Some(stream) = &mut self.stream else { return Err("no connection".into()) };
        let broken = |fault: std::io::Error| fault.to_string();
        stream.write_all(request).await.map_err(broken)?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut self.buffer).await.map_err(broken)? == 0 {
                return Err("the server closed the connection".into());
            }
        };
        let head = Head::read(self.buffer.get(..head_end).unwrap_or_default())?;
        let body = match head.length {
            Length::Known(length) => {
                while self.buffer.len() < head_end + length {
                    if stream.read_buf(&mut self.buffer).await.map_err(broken)? == 0 {
                        return Err("the answer ended early".into());
                    }
                }
                self.buffer.get(head_end..head_end + length).unwrap_or_default().to_vec()
            }
            Length::Chunked => loop {
                if let Some(body) = chunks(self.buffer.get(head_end..).unwrap_or_default()) {
                    break body;
                }
                if stream.read_buf(&mut self.buffer).await.map_err(broken)? == 0 {
                    return Err("the answer ended early".into());
                }
            },
            Length::ToTheEnd => {
                while stream.read_buf(&mut self.buffer).await.map_err(broken)? > 0 {}
                self.buffer.get(head_end..).unwrap_or_default().to_vec()
            }
        };
        if head.close {
            self.stream = None;
        }
        Ok(Answer { status: head.status, location: head.location, body })
    }
}

enum Length {
    Known(usize),
    Chunked,
    ToTheEnd,
}

struct Head {
    status: u16,
    length: Length,
    close: bool,
    location: Option<String>,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Head, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "a head that is no text")?;
        let mut lines = text.split("\r\n");
        let status: u16 =
            lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).ok_or("no status line")?;
        let mut head = Head { status, length: Length::ToTheEnd, close: false, location: None };
        if matches!(status, 204 | 304) {
            head.length = Length::Known(0);
        }
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                head.length = Length::Known(value.parse().map_err(|_| "a strange length")?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                head.length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("connection") {
                head.close = value.eq_ignore_ascii_case("close");
            } else if name.eq_ignore_ascii_case("location") {
                head.location = Some(value.to_owned());
            }
        }
        Ok(head)
    }
}

/// The body of a chunked answer, once it is whole.
fn chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(bytes, b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(bytes.get(..end)?).ok()?.split(';').next()?.trim(), 16).ok()?;
        bytes = bytes.get(end + 2..)?;
        if size == 0 {
            return find(bytes, b"\r\n").map(|_| body);
        }
        body.extend(bytes.get(..size)?);
        bytes = bytes.get(size + 2..)?;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Text as it stands in an address.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_answers_given() {
        let seen = Seen { answers: (1..=100).map(|n| (n as usize % 2, n * 1_000)).collect(), seconds: 2.0, faults: vec![] };
        assert_eq!((seen.quantile(0.5, None), seen.quantile(0.99, None), seen.quantile(1.0, None)), (Some(50.0), Some(99.0), Some(100.0)));
        assert_eq!(seen.quantile(0.5, Some(1)), Some(49.0));
        assert_eq!(seen.quantile(0.5, Some(7)), None);
        assert!((seen.rate() - 50.0).abs() < 1e-9);
    }

    #[test]
    fn heads_and_chunks_are_read() {
        let head = Head::read(b"HTTP/1.1 302 Found\r\nlocation: /a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        assert!(head.status == 302 && head.close && head.location.as_deref() == Some("/a") && matches!(head.length, Length::Known(0)));
        assert_eq!(chunks(b"3\r\nabc\r\n1;x\r\nd\r\n0\r\n\r\n").as_deref(), Some(&b"abcd"[..]));
        assert_eq!(chunks(b"3\r\nab"), None);
        assert_eq!(escaped("ә б"), "%D3%99%20%D0%B1");
    }
}
