//! The CSV form of a clinic's doctors and hours: bytes to rows of typed cells. Pure; knows no directory.
//!
//! One row is one doctor in one clinic. What a row means for the directory is decided in [`crate::resolve`].

use std::collections::HashMap;

use db::Lang;

use crate::catalogue::{Exception, Rule, Sex};
use crate::cells;
use crate::refused::{FileRefused, Reason, Refused};

/// Largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Most rows of one file.
pub const ROWS_MAX: usize = 100_000;
/// Longest cell, in characters.
pub const CELL_CHARACTERS_MAX: usize = 2_000;
/// Longest cell that becomes a name or an address, in characters.
const NAME_CHARACTERS_MAX: usize = 200;

/// Columns without which a file is not read.
pub const REQUIRED: [&str; 8] = ["clinic", "city", "address", "doctor", "specialty", "price", "minutes", "hours"];
/// Columns that a file may have besides.
pub const OPTIONAL: [&str; 30] = [
    "clinic_kk",
    "clinic_en",
    "clinic_phone",
    "city_kk",
    "city_en",
    "zone",
    "currency",
    "district",
    "district_kk",
    "district_en",
    "address_kk",
    "address_en",
    "metro",
    "lat",
    "lon",
    "doctor_code",
    "doctor_kk",
    "doctor_en",
    "sex",
    "since",
    "languages",
    "patients",
    "repeat_price",
    "repeat_minutes",
    "except",
    "horizon_days",
    "notice_minutes",
    "about",
    "about_kk",
    "about_en",
];

/// A name as a row gives it: always once, perhaps in the other languages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Given {
    pub(crate) base: String,
    pub(crate) kk: Option<String>,
    pub(crate) en: Option<String>,
}

/// A row whose every cell was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FormRow {
    pub(crate) line: u64,
    pub(crate) clinic: Given,
    pub(crate) clinic_phone: Option<String>,
    pub(crate) city: Given,
    pub(crate) zone: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) district: Option<Given>,
    pub(crate) address: Given,
    pub(crate) metro: Vec<(String, i64)>,
    pub(crate) place: Option<(f64, f64)>,
    pub(crate) doctor_code: Option<String>,
    pub(crate) doctor: Given,
    pub(crate) sex: Option<Sex>,
    pub(crate) since: Option<i64>,
    pub(crate) languages: Vec<Lang>,
    pub(crate) specialties: Vec<String>,
    pub(crate) patients: Option<(bool, bool)>,
    pub(crate) price_minor: i64,
    pub(crate) minutes: i64,
    pub(crate) repeat: Option<(i64, i64)>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) horizon_days: i64,
    pub(crate) notice_minutes: i64,
    pub(crate) about: Option<Given>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub(crate) rows: Vec<FormRow>,
    pub(crate) refused: Vec<Refused>,
}

/// Reads a whole file. UTF-8 with or without its mark; comma or semicolon, whichever the header has more of; any line ends.
pub(crate) fn read(bytes: &[u8], demo: bool) -> Result<Form, FileRefused> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileRefused::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        FileRefused::NotUtf8 { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64 }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (text, skipped) = without_separator_hint(text);
    let first = text.lines().find(|line| !line.trim().is_empty()).ok_or(FileRefused::NoHeader)?;
    let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(Ok(record)) => header(&record)?,
        _ => return Err(FileRefused::NoHeader),
    };
    let mut form = Form::default();
    let mut count = 0;
    for record in records.filter_map(Result::ok) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            // Spreadsheets leave such rows behind what was deleted.
            continue;
        }
        count += 1;
        if count > ROWS_MAX {
            return Err(FileRefused::TooManyRows);
        }
        let line = skipped + record.position().map_or(0, csv::Position::line);
        let mut cells = Cells { header: &header, record: &record, line, refused: Vec::new() };
        match cells.row(demo) {
            Some(row) if cells.refused.is_empty() => form.rows.push(row),
            _ => form.refused.append(&mut cells.refused),
        }
    }
    if count == 0 { Err(FileRefused::NoRows) } else { Ok(form) }
}

/// Excel writes `sep=;` into the first line of some files; the lines skipped with it.
fn without_separator_hint(text: &str) -> (&str, u64) {
    match text.split_once('\n') {
        Some((first, rest)) if first.trim_end().len() == 5 && first.to_ascii_lowercase().starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    }
}

/// Column names to places; the last cells may be nameless when they are empty throughout.
fn header(record: &csv::StringRecord) -> Result<HashMap<&'static str, usize>, FileRefused> {
    let mut columns = HashMap::new();
    for (at, name) in record.iter().enumerate() {
        let name = name.trim().to_lowercase();
        if name.is_empty() {
            continue;
        }
        let known = REQUIRED.iter().chain(&OPTIONAL).find(|known| **known == name);
        let Some(known) = known else {
            return Err(FileRefused::ColumnUnknown(name.chars().take(60).collect()));
        };
        if columns.insert(*known, at).is_some() {
            return Err(FileRefused::ColumnTwice(name));
        }
    }
    if columns.is_empty() {
        return Err(FileRefused::NoHeader);
    }
    let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !columns.contains_key(name)).collect();
    if missing.is_empty() { Ok(columns) } else { Err(FileRefused::ColumnsMissing(missing)) }
}

/// The cells of one row, and the faults found in them so far.
struct Cells<'r> {
    header: &'r HashMap<&'static str, usize>,
    record: &'r csv::StringRecord,
    line: u64,
    refused: Vec<Refused>,
}

impl Cells<'_> {
    fn refuse(&mut self, column: &'static str, reason: Reason) {
        self.refused.push(Refused { line: self.line, column: Some(column), reason });
    }

    /// The cell with spaces put in order; `None` when it is empty or at fault.
    fn cell(&mut self, column: &'static str) -> Option<String> {
        let raw = self.record.get(*self.header.get(column)?)?;
        let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            None
        } else if text.chars().count() > CELL_CHARACTERS_MAX {
            self.refuse(column, Reason::TooLong);
            None
        } else if text.chars().any(|letter| letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
            self.refuse(column, Reason::ControlCharacter);
            None
        } else {
            Some(text)
        }
    }

    /// The cell, which must be there.
    fn required(&mut self, column: &'static str) -> Option<String> {
        let before = self.refused.len();
        let cell = self.cell(column);
        if cell.is_none() && self.refused.len() == before {
            self.refuse(column, Reason::Empty);
        }
        cell
    }

    /// What `read` makes of the cell.
    fn read<T>(&mut self, column: &'static str, cell: Option<String>, read: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        match read(&cell?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.refuse(column, reason);
                None
            }
        }
    }

    fn optional<T>(&mut self, column: &'static str, read: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        let cell = self.cell(column);
        self.read(column, cell, read)
    }

    /// The cell as a name: with a letter in it, not too long.
    fn name(&mut self, column: &'static str) -> Option<String> {
        self.optional(column, |text| {
            if text.chars().count() > NAME_CHARACTERS_MAX {
                Err(Reason::TooLong)
            } else if !text.chars().any(char::is_alphabetic) {
                Err(Reason::Name)
            } else {
                Ok(text.to_owned())
            }
        })
    }

    /// A required name with its other languages.
    fn given(&mut self, base: &'static str, kk: &'static str, en: &'static str) -> Option<Given> {
        let before = self.refused.len();
        let name = self.name(base);
        if name.is_none() && self.refused.len() == before {
            self.refuse(base, Reason::Empty);
        }
        let (kk, en) = (self.name(kk), self.name(en));
        Some(Given { base: name?, kk, en })
    }

    /// The typed row, or `None` once something that it needs is missing; the faults stand in `refused`.
    fn row(&mut self, demo: bool) -> Option<FormRow> {
        let named = self.header.values().max().map_or(0, |last| last + 1);
        if self.record.len() < named || self.record.iter().skip(named).any(|cell| !cell.trim().is_empty()) {
            let reason = Reason::CellCount { found: self.record.len(), expected: named };
            self.refused.push(Refused { line: self.line, column: None, reason });
            return None;
        }
        // Every cell is read before the row is given up, so that all its faults are told at once.
        let clinic = self.given("clinic", "clinic_kk", "clinic_en");
        let clinic_phone = self.optional("clinic_phone", |text| cells::phone(text, demo));
        let city = self.given("city", "city_kk", "city_en");
        let zone = self.optional("zone", |text| {
            // Lower bound on form first: the lookup itself is lenient about case.
            clock::jiff::tz::TimeZone::get(text).ok().and_then(|zone| zone.iana_name().map(str::to_owned)).ok_or(Reason::Zone)
        });
        let currency = self.optional("currency", |text| match text.to_uppercase().as_str() {
            known @ ("RUB" | "KZT") => Ok(known.to_owned()),
            _ => Err(Reason::Currency),
        });
        let (kk, en) = (self.name("district_kk"), self.name("district_en"));
        let district = self.name("district").map(|base| Given { base, kk, en });
        let address = self.given("address", "address_kk", "address_en");
        let metro = self.optional("metro", cells::stations).unwrap_or_default();
        let (lat, lon) =
            (self.optional("lat", |text| cells::degrees(text, 90.0)), self.optional("lon", |text| cells::degrees(text, 180.0)));
        if lat.is_some() != lon.is_some() && !self.refused.iter().any(|refused| refused.reason == Reason::Coordinate) {
            self.refuse(if lat.is_none() { "lat" } else { "lon" }, Reason::CoordinateAlone);
        }
        let doctor_code = self.cell("doctor_code");
        let doctor = self.given("doctor", "doctor_kk", "doctor_en");
        let sex = self.optional("sex", |text| match text.to_lowercase().as_str() {
            "f" | "ж" | "ә" => Ok(Sex::Female),
            "m" | "м" | "е" => Ok(Sex::Male),
            _ => Err(Reason::Sex),
        });
        let since = self.optional("since", |text| cells::whole(text, 1930..=2100, Reason::Since));
        let languages = self.optional("languages", languages).unwrap_or_default();
        let specialties = self
            .required("specialty")
            .map(|cell| cell.split(';').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect());
        let patients = self.optional("patients", |text| match text.to_lowercase().as_str() {
            "adults" => Ok((true, false)),
            "children" => Ok((false, true)),
            "both" => Ok((true, true)),
            _ => Err(Reason::Patients),
        });
        let price = self.required("price");
        let price_minor = self.read("price", price, cells::price_minor);
        let minutes = self.required("minutes");
        let minutes = self.read("minutes", minutes, cells::minutes);
        let (repeat_price, repeat_minutes) = (self.cell("repeat_price"), self.cell("repeat_minutes"));
        if repeat_price.is_some() != repeat_minutes.is_some() {
            self.refuse("repeat_price", Reason::Repeat);
        }
        let repeat_price = self.read("repeat_price", repeat_price, cells::price_minor);
        let repeat = self.read("repeat_minutes", repeat_minutes, cells::minutes).and_then(|minutes| Some((repeat_price?, minutes)));
        let rules = self.required("hours");
        let rules = self.read("hours", rules, cells::hours);
        if let (Some(rules), Some(minutes)) = (&rules, minutes)
            && rules.iter().any(|rule| rule.to_minute - rule.from_minute < minutes)
        {
            self.refuse("hours", Reason::HoursShort);
        }
        let exceptions = self.optional("except", cells::exceptions).unwrap_or_default();
        let horizon_days = self.optional("horizon_days", |text| cells::whole(text, 1..=366, Reason::HorizonDays)).unwrap_or(28);
        let notice_minutes = self.optional("notice_minutes", |text| cells::whole(text, 0..=10_080, Reason::NoticeMinutes)).unwrap_or(60);
        let (about, about_kk, about_en) = (self.cell("about"), self.cell("about_kk"), self.cell("about_en"));
        let about = about.map(|base| Given { base, kk: about_kk, en: about_en });
        Some(FormRow {
            line: self.line,
            clinic: clinic?,
            clinic_phone,
            city: city?,
            zone,
            currency,
            district,
            address: address?,
            metro,
            place: lat.zip(lon),
            doctor_code,
            doctor: doctor?,
            sex,
            since,
            languages,
            specialties: specialties?,
            patients,
            price_minor: price_minor?,
            minutes: minutes?,
            repeat,
            rules: rules?,
            exceptions,
            horizon_days,
            notice_minutes,
            about,
        })
    }
}

/// `ru kk en`, in the order given; commas are understood too.
fn languages(text: &str) -> Result<Vec<Lang>, Reason> {
    let mut languages = Vec::new();
    for given in text.split([' ', ',', ';']).filter(|code| !code.is_empty()) {
        let lang: Lang = given.to_lowercase().parse().map_err(|_| Reason::Language { given: given.to_owned() })?;
        if !languages.contains(&lang) {
            languages.push(lang);
        }
    }
    Ok(languages)
}
