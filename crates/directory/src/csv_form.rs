//! The CSV form of a clinic's doctors and hours: bytes to rows of typed cells. Pure; knows no directory.
//!
//! One row is one doctor in one clinic, or a device or room that is booked without a doctor. What a row means for the directory is decided in [`crate::resolve`].

use std::collections::HashMap;

use db::Lang;

use crate::catalogue::{Category, Degree, Exception, License, Rule, Sex};
use crate::cells::{self, GivenOffer};
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
pub const OPTIONAL: [&str; 55] = [
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
    "license",
    "license_on",
    "license_by",
    "branch_of",
    "site",
    "clinic_about",
    "clinic_about_kk",
    "clinic_about_en",
    "place",
    "place_kk",
    "place_en",
    "place_phone",
    "place_hours",
    "category",
    "degree",
    "ages",
    "home_price",
    "home_minutes",
    "online_price",
    "online_minutes",
    "services",
    "device",
    "room",
    "before_minutes",
    "after_minutes",
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
    /// `None` for a device or a room alone.
    pub(crate) doctor: Option<Given>,
    pub(crate) sex: Option<Sex>,
    pub(crate) since: Option<i64>,
    pub(crate) languages: Vec<Lang>,
    pub(crate) specialties: Vec<String>,
    pub(crate) patients: Option<(bool, bool)>,
    /// Price and minutes of the first visit; a row without a doctor may have none.
    pub(crate) first: Option<(i64, i64)>,
    pub(crate) repeat: Option<(i64, i64)>,
    pub(crate) home: Option<(i64, i64)>,
    pub(crate) online: Option<(i64, i64)>,
    pub(crate) offers: Vec<GivenOffer>,
    pub(crate) device: Option<Given>,
    pub(crate) room: Option<Given>,
    pub(crate) before_minutes: i64,
    pub(crate) after_minutes: i64,
    pub(crate) ages: Option<(i64, Option<i64>)>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) horizon_days: i64,
    pub(crate) notice_minutes: i64,
    pub(crate) about: Option<Given>,
    pub(crate) category: Option<Category>,
    pub(crate) degree: Option<Degree>,
    pub(crate) license: Option<License>,
    pub(crate) branch_of: Option<String>,
    pub(crate) site: Option<String>,
    pub(crate) clinic_about: Option<Given>,
    pub(crate) place_name: Option<Given>,
    pub(crate) place_phone: Option<String>,
    pub(crate) place_hours: Vec<Rule>,
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
        let device = self.optional("device", cells::tri_name);
        let room = self.optional("room", cells::tri_name);
        let offers = self.optional("services", cells::offers).unwrap_or_default();
        // Without a doctor it is the device, or the room, that is booked.
        let alone = self.is_empty("doctor") && (device.is_some() || room.is_some());
        let doctor = if alone { None } else { Some(self.given("doctor", "doctor_kk", "doctor_en")) };
        if !alone && device.is_some() {
            self.refuse("device", Reason::DeviceWithDoctor);
        }
        if alone && offers.is_empty() && self.is_empty("services") {
            self.refuse("services", Reason::NoOffer);
        }
        let sex = self.optional("sex", |text| match text.to_lowercase().as_str() {
            "f" | "ж" | "ә" => Ok(Sex::Female),
            "m" | "м" | "е" => Ok(Sex::Male),
            _ => Err(Reason::Sex),
        });
        let since = self.optional("since", |text| cells::whole(text, 1930..=2100, Reason::Since));
        let languages = self.optional("languages", languages).unwrap_or_default();
        let specialties = if alone && self.is_empty("specialty") { Some(String::new()) } else { self.required("specialty") };
        let specialties =
            specialties.map(|cell| cell.split(';').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect());
        let patients = self.optional("patients", |text| match text.to_lowercase().as_str() {
            "adults" => Ok((true, false)),
            "children" => Ok((false, true)),
            "both" => Ok((true, true)),
            _ => Err(Reason::Patients),
        });
        let ages = self.optional("ages", cells::ages);
        let first = if alone { self.pair("price", "minutes", Reason::Pair) } else { self.first() };
        let repeat = self.pair("repeat_price", "repeat_minutes", Reason::Repeat);
        let home = self.pair("home_price", "home_minutes", Reason::Pair);
        let online = self.pair("online_price", "online_minutes", Reason::Pair);
        let before_minutes = self.optional("before_minutes", cells::buffer).unwrap_or_default();
        let after_minutes = self.optional("after_minutes", cells::buffer).unwrap_or_default();
        let rules = self.required("hours");
        let rules = self.read("hours", rules, cells::hours);
        let shortest = first.map(|(_, minutes)| minutes).or_else(|| offers.iter().map(|offer| offer.minutes).min());
        if let (Some(rules), Some(minutes)) = (&rules, shortest)
            && rules.iter().any(|rule| rule.to_minute - rule.from_minute < minutes)
        {
            self.refuse("hours", Reason::HoursShort);
        }
        let exceptions = self.optional("except", cells::exceptions).unwrap_or_default();
        let horizon_days = self.optional("horizon_days", |text| cells::whole(text, 1..=366, Reason::HorizonDays)).unwrap_or(28);
        let notice_minutes = self.optional("notice_minutes", |text| cells::whole(text, 0..=10_080, Reason::NoticeMinutes)).unwrap_or(60);
        let (about, about_kk, about_en) = (self.cell("about"), self.cell("about_kk"), self.cell("about_en"));
        let about = about.map(|base| Given { base, kk: about_kk, en: about_en });
        let category = self.optional("category", category);
        let degree = self.optional("degree", degree);
        let license = self.license();
        let branch_of = self.name("branch_of");
        let site = self.optional("site", |text| {
            let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            let fits = host.is_some_and(|host| host.contains('.')) && !text.contains([' ', '"', '<', '>', '\'']);
            if fits { Ok(text.to_owned()) } else { Err(Reason::Site) }
        });
        let (kk, en) = (self.cell("clinic_about_kk"), self.cell("clinic_about_en"));
        let clinic_about = self.cell("clinic_about").map(|base| Given { base, kk, en });
        let (kk, en) = (self.name("place_kk"), self.name("place_en"));
        let place_name = self.name("place").map(|base| Given { base, kk, en });
        let place_phone = self.optional("place_phone", |text| cells::phone(text, demo));
        let place_hours = self.optional("place_hours", |text| match cells::hours(text) {
            Ok(rules) if rules.iter().any(|rule| rule.every_weeks > 1) => Err(Reason::Hours { part: text.to_owned() }),
            read => read,
        });
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
            doctor: doctor.map_or(Some(None), |doctor| doctor.map(Some))?,
            sex,
            since,
            languages,
            specialties: specialties?,
            patients,
            first,
            repeat,
            home,
            online,
            offers,
            device,
            room,
            before_minutes,
            after_minutes,
            ages,
            rules: rules?,
            exceptions,
            horizon_days,
            notice_minutes,
            about,
            category,
            degree,
            license,
            branch_of,
            site,
            clinic_about,
            place_name,
            place_phone,
            place_hours: place_hours.unwrap_or_default(),
        })
    }

    /// Nothing but spaces, or no such column.
    fn is_empty(&self, column: &str) -> bool {
        self.header.get(column).and_then(|at| self.record.get(*at)).is_none_or(|cell| cell.trim().is_empty())
    }

    /// Price and minutes that must both be there.
    fn first(&mut self) -> Option<(i64, i64)> {
        let price = self.required("price");
        let price = self.read("price", price, cells::price_minor);
        let minutes = self.required("minutes");
        let minutes = self.read("minutes", minutes, cells::minutes);
        price.zip(minutes)
    }

    /// Price and minutes of which both or neither are there.
    fn pair(&mut self, price_column: &'static str, minutes_column: &'static str, alone: Reason) -> Option<(i64, i64)> {
        let (price, minutes) = (self.cell(price_column), self.cell(minutes_column));
        if price.is_some() != minutes.is_some() {
            self.refuse(price_column, alone);
        }
        let price = self.read(price_column, price, cells::price_minor);
        self.read(minutes_column, minutes, cells::minutes).and_then(|minutes| Some((price?, minutes)))
    }

    fn license(&mut self) -> Option<License> {
        let number = self.name_of_anything("license");
        let issued_on = self.optional("license_on", cells::past_day);
        let issuer = self.name("license_by");
        if number.is_none() && (issued_on.is_some() || issuer.is_some()) && self.is_empty("license") {
            self.refuse("license", Reason::License);
        }
        number.map(|number| License { number, issued_on, issuer: issuer.unwrap_or_default() })
    }

    /// A short text, of digits too.
    fn name_of_anything(&mut self, column: &'static str) -> Option<String> {
        self.optional(column, |text| if text.chars().count() > NAME_CHARACTERS_MAX { Err(Reason::TooLong) } else { Ok(text.to_owned()) })
    }
}

fn category(text: &str) -> Result<Category, Reason> {
    match text.to_lowercase().as_str() {
        "highest" | "высшая" | "жоғары" => Ok(Category::Highest),
        "first" | "первая" | "бірінші" => Ok(Category::First),
        "second" | "вторая" | "екінші" => Ok(Category::Second),
        _ => Err(Reason::Category),
    }
}

fn degree(text: &str) -> Result<Degree, Reason> {
    match text.to_lowercase().as_str() {
        "candidate" | "кандидат" | "к. м. н." | "к.м.н." => Ok(Degree::Candidate),
        "doctor" | "доктор" | "д. м. н." | "д.м.н." => Ok(Degree::Doctor),
        "phd" => Ok(Degree::Phd),
        _ => Err(Reason::Degree),
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
