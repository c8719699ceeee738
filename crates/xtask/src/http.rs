//! A client for the rings: HTTP/1.1 over one kept connection, no more than our own server speaks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// A connection to the server, opened at the first call.
pub(crate) struct Http {
    address: String,
    connection: Option<BufReader<TcpStream>>,
}

/// An answer.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The body; null when it is no JSON.
    pub(crate) body: Value,
    /// `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl Http {
    /// A client for `host:port`.
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.into(), connection: None }
    }

    /// Sends one request and waits at most 30 s for its answer.
    ///
    /// # Errors
    /// When the connection cannot be made or breaks: whether the server acted on the request is then unknown.
    pub(crate) fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Result<Answer, String> {
        let answer = self.exchange(method, path, headers, body);
        if answer.is_err() {
            self.connection = None;
        }
        answer.map_err(|fault| format!("{method} {path}: {fault}"))
    }

    fn exchange(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> std::io::Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str("Content-Type: application/json\r\n");
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));

        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(&self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                self.connection.insert(BufReader::new(stream))
            }
        };
        connection.get_mut().write_all(request.as_bytes())?;
        let (status, bytes, keep, retry_after) = answer(connection)?;
        if !keep {
            self.connection = None;
        }
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), retry_after })
    }
}

/// Reads one answer: status, body, whether the connection stays open, seconds to wait.
fn answer(connection: &mut impl BufRead) -> std::io::Result<(u16, Vec<u8>, bool, Option<u64>)> {
    let bad = |what: &str| std::io::Error::other(what.to_owned());
    let head = line(connection)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| bad("no status line"))?;
    let (mut length, mut chunked, mut keep, mut retry_after) = (None, false, true, None);
    loop {
        let header = line(connection)?;
        if header.is_empty() {
            break;
        }
        let Some((name, value)) = header.split_once(':') else {
            return Err(bad("a header without a colon"));
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse::<u64>().ok(),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "retry-after" => retry_after = value.parse().ok(),
            "connection" => keep = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = line(connection)?;
            let size = u64::from_str_radix(size.trim(), 16).map_err(|_| bad("a chunk without a size"))?;
            connection.take(size).read_to_end(&mut body)?;
            line(connection)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = length {
        connection.take(length).read_to_end(&mut body)?;
        if body.len() as u64 != length {
            return Err(bad("the answer ends early"));
        }
    } else if status != 204 && status != 304 {
        connection.read_to_end(&mut body)?;
        keep = false;
    }
    Ok((status, body, keep, retry_after))
}

fn line(connection: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(std::io::Error::other("the server closed the connection"));
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_every_framing_are_read() {
        for (text, status, body, keep) in [
            ("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}HTTP", 201, "{}", true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 200, "abcd", true),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
            ("HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 503, "", false),
        ] {
            let read = answer(&mut text.as_bytes()).unwrap();
            assert_eq!(read, (status, body.as_bytes().to_vec(), keep, (status == 503).then_some(5)), "{text}");
        }
        assert!(answer(&mut "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".as_bytes()).is_err());
        assert!(answer(&mut "".as_bytes()).is_err());
    }
}
