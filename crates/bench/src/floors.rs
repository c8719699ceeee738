//! The floors: what this machine can do at most while nothing is done. A handler that answers a fixed body, a file that is
//! written and synced.

use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header;
use axum::routing::any;

/// Serves a body of so many bytes at every address, until it is ended. Prints its address first.
///
/// # Errors
/// When it cannot listen.
pub(crate) async fn serve(bytes: usize) -> Result<(), String> {
    let body = axum::body::Bytes::from(vec![b'x'; bytes]);
    let handler = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let router = Router::new().route("/", any(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|fault| fault.to_string())?;
    let address = listener.local_addr().map_err(|fault| fault.to_string())?;
    println!("http://{address}/");
    std::io::stdout().flush().map_err(|fault| fault.to_string())?;
    axum::serve(listener, router).await.map_err(|fault| fault.to_string())
}

/// How often in a second a page written to a file in this folder can be made durable, by one writer.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn syncs_per_second(folder: &Path, length: Duration) -> Result<f64, String> {
    let path = folder.join("sync");
    let fault = |fault: std::io::Error| format!("{}: {fault}", path.display());
    let file = std::fs::File::create(&path).map_err(fault)?;
    // As a write-ahead log does it: appended, page after page, in space that is there already.
    file.write_all_at(&vec![0; 4 << 20], 0).map_err(fault)?;
    file.sync_all().map_err(fault)?;
    let (begun, page) = (Instant::now(), [7; 4096]);
    let mut count = 0_u64;
    while begun.elapsed() < length {
        file.write_all_at(&page, count % 1024 * 4096).map_err(fault)?;
        file.sync_data().map_err(fault)?;
        count += 1;
    }
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    std::fs::remove_file(&path).map_err(fault)?;
    Ok(rate)
}
