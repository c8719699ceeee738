//! The master key: a file of its own, in no database and in no backup.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clock::Clock;
use zeroize::Zeroizing;

use super::{KeyError, expand, mac};

/// The key that wraps the keys that wrap all others; read from a file that only its owner may read.
#[derive(Clone)]
pub struct MasterKey {
    key: Arc<Zeroizing<[u8; 32]>>,
    file: Arc<Path>,
}

impl MasterKey {
    /// Makes a new key in a new file with permissions 0600, synced.
    ///
    /// # Errors
    /// When the file is already there or cannot be written.
    pub fn create(path: &Path, clock: &Clock) -> Result<MasterKey, KeyError> {
        MasterKey { key: Arc::new(Zeroizing::new(clock.bytes::<32>())), file: path.into() }.written(path)
    }

    /// The same key in another new file with permissions 0600, synced.
    ///
    /// # Errors
    /// When the file is already there or cannot be written.
    pub(super) fn written(&self, path: &Path) -> Result<MasterKey, KeyError> {
        let text = Zeroizing::new(STANDARD.encode(self.key.as_slice()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written.map_err(|error| KeyError::MasterFile(format!("{}: the master key could not be written: {error}", path.display())))?;
        Ok(MasterKey { key: self.key.clone(), file: path.into() })
    }

    /// Reads the key.
    ///
    /// # Errors
    /// When the file is missing, may be read by others than its owner, or is not a key.
    pub fn read(path: &Path) -> Result<MasterKey, KeyError> {
        let wrong = |why: String| KeyError::MasterFile(format!("{}: {why}", path.display()));
        let mut file = std::fs::File::open(path).map_err(|error| wrong(format!("the master key cannot be read: {error}")))?;
        #[cfg(unix)]
        {
            let metadata = file.metadata().map_err(|error| wrong(error.to_string()))?;
            if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
                return Err(wrong("others may read the master key; run chmod 600 on it".into()));
            }
        }
        let mut text = Zeroizing::new(String::new());
        std::io::Read::by_ref(&mut file).take(1024).read_to_string(&mut text).map_err(|error| wrong(error.to_string()))?;
        let bytes = Zeroizing::new(
            STANDARD.decode(text.trim()).map_err(|_| wrong("this is not a master key: base64 of 32 bytes is expected".into()))?,
        );
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| wrong("this is not a master key: 32 bytes are expected".into()))?;
        Ok(MasterKey { key: Arc::new(Zeroizing::new(key)), file: path.into() })
    }

    /// The same key, to be looked for in another file from now on.
    pub(super) fn at(self, file: &Path) -> MasterKey {
        MasterKey { file: file.into(), ..self }
    }

    /// The file that it is in.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is written beside keys that it wraps: it tells which master key it was, and nothing of it.
    pub(super) fn mark(&self) -> [u8; 32] {
        mac(&self.key, &[b"master key"])
    }

    /// What tells it from others in the name of a file: the beginning of its mark.
    pub(super) fn name(&self) -> String {
        let [a, b, c, d, ..] = self.mark();
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }

    /// A key derived from it for one use.
    pub(super) fn expand(&self, what: &[u8]) -> Zeroizing<[u8; 32]> {
        expand(&self.key, what)
    }

    /// The key itself, which in older programs wrapped all others.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }
}
