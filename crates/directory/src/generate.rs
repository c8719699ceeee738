//! An invented directory of any size: the same seed gives the same bytes, on every machine and in every run.
//!
//! It comes as files of the CSV form, one after the other, so that a million doctors need no more memory than one file. A block of a
//! few neighbouring clinics is drawn from numbers that follow from the seed and the block's place; nothing else is remembered. People
//! are invented, phones begin with `+7 000`; streets, districts and stations are real.

mod block;
mod names;
mod seed;

use block::World;

/// Most doctors of one catalogue.
pub const PRACTITIONERS_MAX: u64 = 1_000_000;
/// A file ends with the block in which it reaches so many bytes; well below what an import reads.
const FILE_BYTES: usize = 16 << 20;

/// The files of a catalogue with so many doctors, in their order.
pub struct Files {
    world: World,
    seed: u64,
    practitioners: u64,
    made: u64,
    block: u64,
}

/// A generated file of the CSV form.
pub struct File {
    /// Its bytes: UTF-8, commas, a header.
    pub bytes: Vec<u8>,
    /// How many doctors this file and those before it have.
    pub practitioners: u64,
}

/// The catalogue of that seed with `practitioners` doctors, at most [`PRACTITIONERS_MAX`]. A larger catalogue of the same seed begins
/// with the smaller one's full blocks.
pub fn files(practitioners: u64, seed: u64) -> Files {
    Files { world: World::read(), seed, practitioners: practitioners.min(PRACTITIONERS_MAX), made: 0, block: 0 }
}

impl Iterator for Files {
    type Item = File;

    fn next(&mut self) -> Option<File> {
        if self.made >= self.practitioners {
            return None;
        }
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::with_capacity(FILE_BYTES + (1 << 20)));
        // Writing into memory does not fail.
        let _header = writer.write_record(block::COLUMNS);
        while self.made < self.practitioners && writer.get_ref().len() < FILE_BYTES {
            let left = self.practitioners - self.made;
            self.made += self.world.block(self.seed, self.block, self.made, left, &mut |row| {
                let _row = writer.write_record(row);
            });
            self.block += 1;
        }
        writer.into_inner().ok().map(|bytes| File { bytes, practitioners: self.made })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn hash(practitioners: u64, seed: u64) -> String {
        let mut hash = Sha256::new();
        files(practitioners, seed).for_each(|file| hash.update(&file.bytes));
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(hash(2_000, 7), hash(2_000, 7));
        assert_ne!(hash(2_000, 7), hash(2_000, 8));
    }

    #[test]
    fn there_are_as_many_doctors_as_asked_for() {
        for count in [0, 1, 9, 540] {
            let doctors: std::collections::HashSet<String> = files(count, 3)
                .flat_map(|file| {
                    let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
                    reader.records().map(|row| row.unwrap().get(block::DOCTOR_CODE).unwrap().to_owned()).collect::<Vec<_>>()
                })
                .filter(|code| !code.is_empty())
                .collect();
            assert_eq!(doctors.len() as u64, count);
        }
    }
}
