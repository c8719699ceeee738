//! Why a row, or a whole file, of the CSV form is not imported, and what to do about it. In English, as all of the command line.

use std::fmt;

use clock::jiff::civil::Date;

/// A row that is not imported. A row with several faults has several of these.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The line of the file on which the row begins, counted from 1.
    pub line: u64,
    /// The column at fault; `None` when it is the row as a whole.
    pub column: Option<&'static str>,
    /// Why.
    pub reason: Reason,
}

/// Why a row is not imported.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is explained by the sentence it is shown as, below")]
pub enum Reason {
    CellCount { found: usize, expected: usize },
    Empty,
    TooLong,
    ControlCharacter,
    Name,
    Phone,
    PhoneRewritten,
    PhoneDemo,
    CityUnknown,
    Zone,
    ZoneDiffers { known: String },
    Currency,
    CurrencyDiffers { known: String },
    Specialty { given: String },
    SpecialtyTwice,
    Price,
    Minutes,
    Repeat,
    Hours { part: String },
    HoursOverlap,
    HoursShort,
    Exception { part: String },
    ExceptionTwice { day: Date },
    MetroForm { part: String },
    Metro { given: String },
    MetroTwice,
    Coordinate,
    CoordinateAlone,
    CoordinateFar,
    Sex,
    Since,
    Language { given: String },
    Patients,
    Ages,
    AgesEmpty,
    Category,
    Degree,
    Day,
    Weeks { part: String },
    Offer { part: String },
    ServiceUnknown { given: String },
    ServiceTwice { given: String },
    ServiceMissing { specialty: String, mode: &'static str },
    Pair,
    Buffer,
    ThreeNames,
    DeviceWithDoctor,
    NoOffer,
    License,
    Branch { given: String },
    BranchOfBranch { given: String },
    Site,
    HorizonDays,
    NoticeMinutes,
    Duplicate { line: u64 },
    Contradicts { line: u64 },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::CellCount { found, expected } => {
                write!(f, "{found} cells where the header has {expected}; put cells that contain the separator in double quotes")
            }
            Reason::Empty => f.write_str("nothing is given; fill the cell"),
            Reason::TooLong => write!(f, "more than {} characters; shorten the text", crate::csv_form::CELL_CHARACTERS_MAX),
            Reason::ControlCharacter => f.write_str("an invisible control character; type the text again"),
            Reason::Name => f.write_str("no letter in the name; write the name"),
            Reason::Phone => f.write_str("not a phone number; write it with the country's code, as +7 812 000-00-00, one number only"),
            Reason::PhoneRewritten => {
                f.write_str("the spreadsheet has rewritten the number; format the column as text and type the number again")
            }
            Reason::PhoneDemo => f.write_str("numbers from +7 000 cannot ring and belong to the demo; write the clinic's own number"),
            Reason::CityUnknown => {
                f.write_str("a city not known yet; in one row of this city fill zone, currency, lat and lon, or check the spelling")
            }
            Reason::Zone => f.write_str("no such time zone; write its IANA name, as Asia/Almaty"),
            Reason::ZoneDiffers { known } => write!(f, "the city lives in {known}; leave the cell empty"),
            Reason::Currency => f.write_str("not a currency this program knows; write RUB or KZT"),
            Reason::CurrencyDiffers { known } => {
                write!(f, "prices of this city are in {known}; leave the cell empty and give the price in {known}")
            }
            Reason::Specialty { given } => write!(f, "no specialty `{given}`; write a name or code from the list of specialties"),
            Reason::SpecialtyTwice => f.write_str("one specialty is given twice; leave one"),
            Reason::Price => f.write_str("not a price; write a number such as 2500 or 2500,50, without the currency"),
            Reason::Minutes => f.write_str("not a length of a visit; write minutes from 5 to 480 in steps of 5"),
            Reason::Repeat => f.write_str("repeat_price and repeat_minutes go together; fill both or neither"),
            Reason::Hours { part } => {
                write!(f, "`{part}` is not understood; write as mon-fri 09:00-13:00,14:00-18:00 in steps of 5 minutes, or off")
            }
            Reason::HoursOverlap => f.write_str("hours of one weekday overlap; give each time once"),
            Reason::HoursShort => f.write_str("a time span is shorter than one visit; make it longer or the visit shorter"),
            Reason::Exception { part } => write!(f, "`{part}` is not understood; write as 2026-12-31 off or 2026-12-30 09:00-12:00"),
            Reason::ExceptionTwice { day } => write!(f, "{day} is given twice; write its hours in one entry"),
            Reason::MetroForm { part } => {
                write!(f, "`{part}` is not understood; write the station and the minutes on foot (0 to 180), as Petrogradskaya 5")
            }
            Reason::Metro { given } => write!(f, "no station `{given}` is known in this city; check the spelling or leave it out"),
            Reason::MetroTwice => f.write_str("one station is given twice; leave one"),
            Reason::Coordinate => f.write_str("not a coordinate; write degrees as 59.9386"),
            Reason::CoordinateAlone => f.write_str("lat and lon go together; fill both or neither"),
            Reason::CoordinateFar => f.write_str("more than 100 km from the city; check that lat and lon are not swapped"),
            Reason::Sex => f.write_str("write f or m, or leave the cell empty"),
            Reason::Since => f.write_str("not a year from 1930 to 2100; write the year in which practice began"),
            Reason::Language { given } => write!(f, "`{given}` is not a language of this program; write kk, ru, en separated by spaces"),
            Reason::Patients => f.write_str("write adults, children or both"),
            Reason::Ages => f.write_str("not an age; write the ages received in whole years as 18+ or 3-17"),
            Reason::AgesEmpty => f.write_str("nobody of these ages is among `patients`; make the two cells agree (a child is below 18)"),
            Reason::Category => f.write_str("not a category; write highest, first or second, or leave the cell empty"),
            Reason::Degree => f.write_str("not a degree; write candidate, doctor or phd, or leave the cell empty"),
            Reason::Day => f.write_str("not a date; write as 2026-12-31"),
            Reason::Weeks { part } => {
                write!(f, "`{part}` is not understood; write as every 2 weeks from 2026-11-23: sat 10:00-14:00 (2 to 8 weeks)")
            }
            Reason::Offer { part } => {
                write!(
                    f,
                    "`{part}` is not understood; write as NAME: PRICE, MINUTES and, where needed, before 5, after 10, device NAME, room NAME, alone"
                )
            }
            Reason::ServiceUnknown { given } => write!(f, "no service `{given}`; write a name or code from the list of services"),
            Reason::ServiceTwice { given } => write!(f, "the service `{given}` is given twice in this row; leave one"),
            Reason::ServiceMissing { specialty, mode } => {
                write!(f, "there is no {mode} service of `{specialty}`; leave the price and the minutes empty")
            }
            Reason::Pair => f.write_str("a price and its minutes go together; fill both or neither"),
            Reason::Buffer => f.write_str("not a pause; write minutes from 0 to 120 in steps of 5"),
            Reason::ThreeNames => f.write_str("write one name, or three divided by ` / `: Russian / Kazakh / English"),
            Reason::DeviceWithDoctor => {
                f.write_str("a row with a device has no doctor; leave `doctor` empty, or name the device within `services`")
            }
            Reason::NoOffer => f.write_str("nothing is offered; a row without a doctor needs `services`"),
            Reason::License => f.write_str("the number of the licence is missing; fill `license`"),
            Reason::Branch { given } => {
                write!(f, "no clinic `{given}` of this city is known or stands in this file; write its name as in `clinic`")
            }
            Reason::BranchOfBranch { given } => {
                write!(f, "`{given}` is itself a branch, or the same clinic; write the name of the clinic that has the branches")
            }
            Reason::Site => f.write_str("not an address of a site; write as https://clinic.example"),
            Reason::HorizonDays => f.write_str("write a number of days from 1 to 366"),
            Reason::NoticeMinutes => f.write_str("write a number of minutes from 0 to 10080"),
            Reason::Duplicate { line } => write!(f, "the same doctor at the same address stands on line {line}; leave one of the two"),
            Reason::Contradicts { line } => {
                write!(
                    f,
                    "line {line} says otherwise of the same clinic, address or doctor; make them equal, or tell namesakes apart by doctor_code"
                )
            }
        }
    }
}

/// Why a file is not read at all; nothing of it is imported.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is explained by the sentence it is shown as, below")]
pub enum FileRefused {
    TooLarge,
    TooManyRows,
    NotUtf8 { line: u64 },
    NoHeader,
    ColumnsMissing(Vec<&'static str>),
    ColumnUnknown(String),
    ColumnTwice(String),
    NoRows,
}

impl fmt::Display for FileRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileRefused::TooLarge => write!(f, "the file is larger than {} MiB; split it", crate::csv_form::FILE_BYTES_MAX >> 20),
            FileRefused::TooManyRows => write!(f, "the file has more than {} rows; split it", crate::csv_form::ROWS_MAX),
            FileRefused::NotUtf8 { line } => {
                write!(f, "line {line} is not UTF-8 text; save the file as `CSV UTF-8` (in Excel: Save as, CSV UTF-8)")
            }
            FileRefused::NoHeader => f.write_str("the file has no header; put the names of the columns into the first row"),
            FileRefused::ColumnsMissing(columns) => write!(f, "the header lacks {}; add the columns", columns.join(", ")),
            FileRefused::ColumnUnknown(name) => {
                write!(f, "the header has a column `{name}` that is not known; correct its name or remove it")
            }
            FileRefused::ColumnTwice(name) => {
                write!(f, "the header has the column {name} twice; remove one")
            }
            FileRefused::NoRows => f.write_str("the file has a header and no rows; add at least one"),
        }
    }
}

impl std::error::Error for FileRefused {}
