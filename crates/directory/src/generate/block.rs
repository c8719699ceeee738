//! A block: some neighbouring clinics with their doctors, devices and hours, as rows of the CSV form.

mod devices;

use super::names::Names;
use super::seed::{Stream, shuffled};
use crate::catalogue::{Metro, Names as Words};
use crate::reference::{reference, table};

const SPOTS: &str = include_str!("../../data/generate/spots.csv");
const CLINICS: &str = include_str!("../../data/generate/clinics.csv");
const ABOUTS: &str = include_str!("../../data/generate/abouts.csv");
const PRICES: &str = include_str!("../../data/generate/prices.csv");

/// The columns, in the order in which [`World::block`] fills them.
pub(super) const COLUMNS: [&str; 56] = [
    "clinic",
    "clinic_kk",
    "clinic_en",
    "clinic_phone",
    "clinic_about",
    "clinic_about_kk",
    "clinic_about_en",
    "license",
    "license_on",
    "license_by",
    "branch_of",
    "city",
    "district",
    "address",
    "address_kk",
    "address_en",
    "metro",
    "lat",
    "lon",
    "place_hours",
    "doctor_code",
    "doctor",
    "doctor_kk",
    "doctor_en",
    "sex",
    "since",
    "languages",
    "category",
    "degree",
    "specialty",
    "patients",
    "ages",
    "price",
    "minutes",
    "repeat_price",
    "repeat_minutes",
    "home_price",
    "home_minutes",
    "online_price",
    "online_minutes",
    "services",
    "device",
    "room",
    "before_minutes",
    "after_minutes",
    "hours",
    "except",
    "horizon_days",
    "notice_minutes",
    "about",
    "about_kk",
    "about_en",
    "site",
    "place",
    "place_kk",
    "place_en",
];
/// The place of `doctor_code` among them.
#[cfg(test)]
pub(super) const DOCTOR_CODE: usize = 20;

const CLINICS_OF_BLOCK: u64 = 4;

const ECG: &str = "Электрокардиограф / Электрокардиограф / ECG recorder";
const ULTRASOUND: &str = "УЗИ-аппарат / УДЗ аппараты / Ultrasound scanner";
const HOLTER: &str = "Суточный монитор / Тәуліктік монитор / 24-hour monitor";
const EEG: &str = "Электроэнцефалограф / Электроэнцефалограф / EEG recorder";
const SPIROMETER: &str = "Спирометр / Спирометр / Spirometer";
const ENDOSCOPE: &str = "Видеоэндоскоп / Бейнеэндоскоп / Video endoscope";
const ENDOSCOPY_ROOM: &str = "Эндоскопический кабинет / Эндоскопия бөлмесі / Endoscopy room";

struct Spot {
    city: String,
    district: String,
    metro: String,
    names: Words,
}

struct Prices {
    specialty: String,
    weight: u64,
    rub: u64,
    minutes: u64,
    patients: String,
}

/// What blocks are drawn from.
pub(super) struct World {
    names: Names,
    spots: Vec<Spot>,
    clinics: Vec<Words>,
    abouts: Vec<(String, Words)>,
    prices: Vec<Prices>,
    metros: Vec<Metro>,
    home: Vec<String>,
    online: Vec<String>,
}

/// A city as blocks need it: its code, its name, how many blocks of twenty it has, prices in percent of Saint Petersburg's, the step to
/// which they are rounded, metres of a ten-thousandth of a degree of longitude in hundredths, and whose names its people have.
struct City {
    code: &'static str,
    name: &'static str,
    share: u64,
    percent: u64,
    step: u64,
    east: i64,
    kazakh_percent: u64,
    region: &'static str,
    issuer: &'static str,
}

const CITIES: [City; 3] = [
    City {
        code: "saint-petersburg",
        name: "Санкт-Петербург",
        share: 8,
        percent: 100,
        step: 50,
        east: 558,
        kazakh_percent: 0,
        region: "78",
        issuer: "Комитет по здравоохранению Санкт-Петербурга",
    },
    City {
        code: "moscow",
        name: "Москва",
        share: 7,
        percent: 120,
        step: 50,
        east: 626,
        kazakh_percent: 0,
        region: "77",
        issuer: "Департамент здравоохранения города Москвы",
    },
    City {
        code: "almaty",
        name: "Алматы",
        share: 5,
        percent: 450,
        step: 500,
        east: 811,
        kazakh_percent: 80,
        region: "02",
        issuer: "Управление общественного здравоохранения города Алматы",
    },
];

/// Weeks: the whole of one, and two halves for whoever works in two clinics.
const WHOLE: [&str; 10] = [
    "mon-fri 09:00-13:00,14:00-18:00",
    "mon-fri 08:00-12:00,12:30-15:30",
    "mon,wed,fri 08:00-14:00; tue,thu 14:00-20:00",
    "tue-sat 10:00-14:00,15:00-19:00",
    "mon,wed,fri 15:00-21:00",
    "wed-sun 11:00-15:00,16:00-20:00",
    "mon-thu 08:30-12:30,13:00-16:30; fri 08:30-13:00",
    "mon-fri 09:00-14:00; every 2 weeks from 2026-11-23: sat 10:00-15:00",
    "mon,tue,thu,fri 12:00-16:00,16:30-20:30; every 2 weeks from 2026-11-30: sun 10:00-14:00",
    "every 2 weeks from 2026-11-23: mon-fri 08:00-14:00; every 2 weeks from 2026-11-30: mon-fri 14:00-20:00",
];
const FIRST_HALF: [&str; 3] = ["mon,wed 09:00-13:00,14:00-17:00", "mon,wed,fri 08:00-14:00", "mon,wed,fri 15:00-20:00"];
const SECOND_HALF: [&str; 3] = ["tue,thu 09:00-13:00,13:30-17:00", "tue,thu 14:00-20:00; sat 10:00-14:00", "tue,thu,sat 09:00-14:00"];
const EXCEPTIONS: [&str; 6] = [
    "",
    "",
    "2026-12-31 off",
    "2026-12-30 09:00-12:00; 2026-12-31 off",
    "2026-12-28 off; 2026-12-29 off",
    "2026-12-31 off; 2027-01-08 10:00-14:00",
];

struct Clinic {
    cells: [String; 20],
    ultrasound: bool,
    diagnostic: bool,
}

impl World {
    pub(super) fn read() -> World {
        let own = reference();
        let ending = |ending: &str| -> Vec<String> {
            own.services.iter().filter_map(|service| service.code.strip_suffix(ending)).map(str::to_owned).collect()
        };
        let plain = |text: String| text.parse().unwrap_or_default();
        World {
            names: Names::read(),
            spots: table(SPOTS, |row| Spot {
                city: row.text("city"),
                district: row.text("district"),
                metro: row.text("metro"),
                names: Words { kk: row.text("kk"), ru: row.text("ru"), en: row.text("en") },
            }),
            clinics: table(CLINICS, |row| Words { kk: row.text("kk"), ru: row.text("ru"), en: row.text("en") }),
            abouts: table(ABOUTS, |row| (row.text("about"), Words { kk: row.text("kk"), ru: row.text("ru"), en: row.text("en") })),
            prices: table(PRICES, |row| Prices {
                specialty: row.text("specialty"),
                weight: plain(row.text("weight")),
                rub: plain(row.text("rub")),
                minutes: plain(row.text("minutes")),
                patients: row.text("patients"),
            }),
            home: ending("-home"),
            online: ending("-online"),
            metros: own.metros,
        }
    }

    /// Hands the rows of one block to `write`, of at most `left` doctors, the first of whom is number `first`. Returns how many doctors
    /// the block has, at least one.
    pub(super) fn block(&self, seed: u64, block: u64, first: u64, left: u64, write: &mut dyn FnMut(&[String])) -> u64 {
        let mut stream = Stream::of(seed, block);
        // Every twenty blocks have the cities in their shares, in an order of their own.
        let place = shuffled(block % 20, 20, seed);
        let mut at = 0;
        let mut share = CITIES[0].share;
        while place >= share && at + 1 < CITIES.len() {
            at += 1;
            share += CITIES[at].share;
        }
        let city = &CITIES[at];
        let (mut made, mut head): (u64, Option<String>) = (0, None);
        // Doctors of the clinic before, who may have hours in this one too.
        let mut neighbours: Vec<[String; 56]> = Vec::new();
        for number in 0..CLINICS_OF_BLOCK {
            if made >= left {
                break;
            }
            let branch = number == 1 && stream.percent(35);
            let clinic = self.clinic(seed, block * CLINICS_OF_BLOCK + number, city, head.as_deref().filter(|_| branch), &mut stream);
            head = Some(clinic.cells[0].clone());
            for guest in neighbours.drain(..) {
                let mut row = guest;
                row[..20].clone_from_slice(&clinic.cells);
                row[45] = stream.one(&SECOND_HALF).map(|hours| (*hours).to_owned()).unwrap_or_default();
                // Devices stand where they stand: a guest only receives.
                row[40].clear();
                row[42].clear();
                write(&row);
            }
            let doctors = (5 + stream.below(7)).min(left - made);
            for desk in 0..doctors {
                let id = first + made;
                let mut row = self.doctor(seed, id, city, &clinic, desk, &mut stream);
                made += 1;
                if number + 1 < CLINICS_OF_BLOCK && desk < 2 && stream.percent(50) && made < left {
                    row[45] = stream.one(&FIRST_HALF).map(|hours| (*hours).to_owned()).unwrap_or_default();
                    neighbours.push(row.clone());
                }
                write(&row);
            }
            if clinic.diagnostic {
                self.devices(city, &clinic, &mut stream, write);
            }
        }
        made.max(1)
    }

    fn clinic(&self, seed: u64, number: u64, city: &City, head: Option<&str>, stream: &mut Stream) -> Clinic {
        let round = number / self.clinics.len() as u64;
        let at = usize::try_from(shuffled(number, self.clinics.len() as u64, seed ^ round)).unwrap_or_default();
        let empty = Words::default();
        let name = self.clinics.get(at).unwrap_or(&empty);
        let again = if round == 0 { String::new() } else { format!(" {}", round + 1) };
        let diagnostic = stream.percent(25);
        let (ru, kk, en) = match (diagnostic, stream.percent(50)) {
            (true, _) => ("Диагностический центр", "диагностика орталығы", "Diagnostic Centre"),
            (false, true) => ("Клиника", "клиникасы", "Clinic"),
            (false, false) => ("Медицинский центр", "медициналық орталығы", "Medical Centre"),
        };
        let spots: Vec<&Spot> = self.spots.iter().filter(|spot| spot.city == city.code).collect();
        let nowhere = Spot { city: String::new(), district: String::new(), metro: String::new(), names: Words::default() };
        let spot = stream.one(&spots).copied().unwrap_or(&nowhere);
        let house = 1 + stream.below(96);
        let (station_lat, station_lon) = self
            .metros
            .iter()
            .find(|metro| metro.code == spot.metro)
            .map(|metro| (ten_thousandths(metro.lat), ten_thousandths(metro.lon)))
            .unwrap_or_default();
        // Up to some six hundred metres each way; a ten-thousandth of a degree of latitude is eleven metres.
        let offset = |stream: &mut Stream, reach: u64| {
            i64::try_from(stream.below(2 * reach + 1)).unwrap_or_default() - i64::try_from(reach).unwrap_or_default()
        };
        let lat = station_lat + offset(stream, 45);
        let lon = station_lon + offset(stream, 70);
        let phone = 100_000 + number * 7 % 9_000_000;
        let about = [
            (
                "Приём по записи, без очередей в коридоре.",
                "Алдын ала жазылу бойынша, дәлізде кезексіз қабылдайды.",
                "By appointment, without queues in the corridor.",
            ),
            (
                "Взрослые и детские врачи под одной крышей.",
                "Ересектер мен балалар дәрігерлері бір жерде.",
                "Doctors for adults and children under one roof.",
            ),
            ("Есть вход без ступеней и лифт.", "Баспалдақсыз кіреберіс пен лифт бар.", "Step-free entrance and a lift."),
            (
                "Анализы можно сдать в день приёма.",
                "Талдауды қабылдау күні тапсыруға болады.",
                "Tests can be taken on the day of the visit.",
            ),
            ("Рядом бесплатная парковка на два часа.", "Жанында екі сағатқа тегін көлік тұрағы бар.", "Two hours of free parking nearby."),
        ];
        let first = stream.below(5);
        let second = (first + 1 + stream.below(4)) % 5;
        let sentence = |pick: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
            let of = |at: u64| about.get(usize::try_from(at).unwrap_or_default()).map(pick).unwrap_or_default();
            format!("{} {}", of(first), of(second))
        };
        let place_hours = ["mon-fri 08:00-21:00; sat,sun 09:00-21:00", "mon-sun 08:00-21:00", "mon-sat 07:30-21:00; sun 09:00-21:00"];
        let license = if city.code == "almaty" {
            format!("23{:06}", number % 1_000_000)
        } else {
            format!("Л041-00000-{}/{:08}", city.region, number + 1)
        };
        let year = 2014 + stream.below(11);
        let day = format!("{year}-{:02}-{:02}", 1 + stream.below(12), 1 + stream.below(28));
        Clinic {
            cells: [
                format!("{ru} «{}{again}»", name.ru),
                format!("«{}{again}» {kk}", name.kk),
                format!("{}{again} {en}", name.en),
                format!("+7000{phone:07}"),
                sentence(|about| about.0),
                sentence(|about| about.1),
                sentence(|about| about.2),
                license,
                day,
                city.issuer.to_owned(),
                head.unwrap_or_default().to_owned(),
                city.name.to_owned(),
                spot.district.clone(),
                format!("{}, {house}", spot.names.ru),
                format!("{}, {house}", spot.names.kk),
                format!("{house} {}", spot.names.en),
                self.near(city, lat, lon),
                degrees(lat),
                degrees(lon),
                stream.one(&place_hours).map(|hours| (*hours).to_owned()).unwrap_or_default(),
            ],
            ultrasound: diagnostic || stream.percent(75),
            diagnostic,
        }
    }

    /// The two nearest stations within two kilometres, with minutes on foot.
    fn near(&self, city: &City, lat: i64, lon: i64) -> String {
        let mut near: Vec<(i64, &str)> = self
            .metros
            .iter()
            .filter(|metro| metro.city == city.code)
            .map(|metro| {
                let north = (ten_thousandths(metro.lat) - lat) * 1112 / 100;
                let east = (ten_thousandths(metro.lon) - lon) * city.east / 100;
                ((north * north + east * east).isqrt(), metro.names.ru.as_str())
            })
            .filter(|(metres, _)| *metres < 2_000)
            .collect();
        near.sort_unstable();
        near.dedup_by_key(|(_, name)| *name);
        let cells: Vec<String> = near.iter().take(2).map(|(metres, name)| format!("{name} {}", metres * 13 / 1000 + 1)).collect();
        cells.join("; ")
    }

    fn doctor(&self, seed: u64, id: u64, city: &City, clinic: &Clinic, desk: u64, stream: &mut Stream) -> [String; 56] {
        let mut row: [String; 56] = std::array::from_fn(|at| clinic.cells.get(at).cloned().unwrap_or_default());
        let kazakh = stream.percent(city.kazakh_percent);
        let female = stream.percent(62);
        let name = self.names.full(kazakh, female, id, seed);
        let Some(trade) = self.trade(id, stream) else { return row };
        let years = 2 + stream.below(36);
        let languages = match (city.code, kazakh, stream.percent(40)) {
            ("almaty", true, true) => "kk ru en",
            ("almaty", _, false) | ("almaty", false, _) => "kk ru",
            (_, _, true) => "ru en",
            _ => "ru",
        };
        let (category, extra) = match years {
            20.. if stream.percent(60) => ("highest", 25),
            12.. if stream.percent(60) => ("first", 12),
            6.. if stream.percent(50) => ("second", 5),
            _ => ("", 0),
        };
        let degree = match (years, stream.below(100)) {
            (22.., 0..4) => "doctor",
            (10.., 0..14) if city.code == "almaty" => "phd",
            (10.., 0..18) => "candidate",
            _ => "",
        };
        let degree_extra = if degree.is_empty() { 0 } else { 15 };
        let price = |base: u64| {
            let exact = base * city.percent * (100 + extra + degree_extra) / 10_000;
            (exact / city.step).max(1) * city.step
        };
        let first = price(trade.rub + 100 * stream.below(5));
        let (patients, ages) = match trade.patients.as_str() {
            "children" => ("children", "0-17"),
            "both" => match stream.below(4) {
                0 => ("both", "3+"),
                1 => ("adults", "18+"),
                2 => ("both", "0+"),
                _ => ("both", ""),
            },
            _ => ("adults", "18+"),
        };
        let after = match trade.specialty.as_str() {
            "dentist" => "10",
            "surgeon" | "proctologist" => "5",
            _ => "",
        };
        let set = |row: &mut [String; 56], at: usize, text: &str| {
            if let Some(cell) = row.get_mut(at) {
                *cell = text.to_owned();
            }
        };
        set(&mut row, 20, &format!("g{seed}-{id}"));
        set(&mut row, 21, &name.ru);
        set(&mut row, 22, &name.kk);
        set(&mut row, 23, &name.en);
        set(&mut row, 24, if female { "f" } else { "m" });
        set(&mut row, 25, &(2026 - years).to_string());
        set(&mut row, 26, languages);
        set(&mut row, 27, category);
        set(&mut row, 28, degree);
        let second = match trade.specialty.as_str() {
            "therapist" if stream.percent(15) => "; cardiologist",
            "functional-diagnostician" if stream.percent(30) => "; sonographer",
            "urologist" if stream.percent(15) => "; sonographer",
            "pulmonologist" if stream.percent(25) => "; therapist",
            "allergist" if stream.percent(20) => "; pulmonologist",
            _ => "",
        };
        set(&mut row, 29, &format!("{}{second}", trade.specialty));
        set(&mut row, 30, patients);
        set(&mut row, 31, ages);
        set(&mut row, 32, &first.to_string());
        set(&mut row, 33, &trade.minutes.to_string());
        if stream.percent(55) {
            set(&mut row, 34, &((first * 4 / 5 / city.step).max(1) * city.step).to_string());
            set(&mut row, 35, &((trade.minutes * 2 / 3 / 5).max(2) * 5).to_string());
        }
        if self.home.contains(&trade.specialty) && stream.percent(35) {
            set(&mut row, 36, &(first * 2).to_string());
            set(&mut row, 37, "60");
        }
        if self.online.contains(&trade.specialty) && stream.percent(40) {
            set(&mut row, 38, &((first * 7 / 10 / city.step).max(1) * city.step).to_string());
            set(&mut row, 39, "30");
        }
        set(&mut row, 40, &self.offered(&trade.specialty, clinic, &price, stream));
        if matches!(trade.specialty.as_str(), "dentist" | "gynaecologist" | "ophthalmologist") && stream.percent(60) {
            let room = 100 + 100 * stream.below(3) + desk + 1;
            set(&mut row, 42, &format!("Кабинет {room} / {room}-кабинет / Room {room}"));
        }
        set(&mut row, 44, after);
        set(&mut row, 45, stream.one(&WHOLE).copied().unwrap_or_default());
        set(&mut row, 46, stream.one(&EXCEPTIONS).copied().unwrap_or_default());
        set(&mut row, 47, ["21", "28", "42", "60"].get(usize::try_from(stream.below(4)).unwrap_or_default()).copied().unwrap_or("28"));
        set(&mut row, 48, ["30", "60", "120"].get(usize::try_from(stream.below(3)).unwrap_or_default()).copied().unwrap_or("60"));
        if stream.percent(80) {
            let own: Vec<&Words> = self.abouts.iter().filter(|(of, _)| *of == trade.specialty).map(|(_, words)| words).collect();
            let any: Vec<&Words> = self.abouts.iter().filter(|(of, _)| of == "any").map(|(_, words)| words).collect();
            if let (Some(own), Some(one)) = (stream.one(&own).copied(), stream.one(&any).copied()) {
                let other = stream.one(&any).copied().filter(|other| other.ru != one.ru);
                let joined = |of: fn(&Words) -> &str| {
                    let mut text = of(own).to_owned();
                    for more in std::iter::once(one).chain(other).map(of).filter(|more| !more.is_empty()) {
                        text.push(' ');
                        text.push_str(more);
                    }
                    text
                };
                set(&mut row, 49, &joined(|words| &words.ru));
                set(&mut row, 50, &joined(|words| &words.kk));
                set(&mut row, 51, &joined(|words| &words.en));
            }
        }
        row
    }

    /// What the doctor of that number is: every specialty in turn for one in three, so that even a small catalogue has all of them.
    fn trade(&self, id: u64, stream: &mut Stream) -> Option<&Prices> {
        if id.is_multiple_of(3) {
            return self.prices.get(usize::try_from(id / 3).unwrap_or_default() % self.prices.len().max(1));
        }
        let mut place = stream.below(self.prices.iter().map(|trade| trade.weight).sum());
        for trade in &self.prices {
            if place < trade.weight {
                return Some(trade);
            }
            place -= trade.weight;
        }
        None
    }

    /// Examinations that go with a specialty.
    fn offered(&self, specialty: &str, clinic: &Clinic, price: &dyn Fn(u64) -> u64, stream: &mut Stream) -> String {
        let mut offers: Vec<String> = Vec::new();
        let mut offer = |code: &str, rub: u64, minutes: u64, needs: &str| offers.push(format!("{code}: {}, {minutes}{needs}", price(rub)));
        let device = |name: &str| format!(", device {name}");
        match specialty {
            "cardiologist" => {
                offer("ecg", 900, 15, &device(ECG));
                if clinic.ultrasound && stream.percent(40) {
                    offer("echocardiography", 2600, 30, &format!(", after 5{}", device(ULTRASOUND)));
                }
                if stream.percent(30) {
                    offer("holter", 2900, 20, &device(HOLTER));
                }
            }
            "functional-diagnostician" => {
                offer("ecg", 850, 15, &device(ECG));
                offer("holter", 2800, 20, &device(HOLTER));
                offer("spirometry", 1300, 20, &device(SPIROMETER));
                if stream.percent(60) {
                    offer("eeg", 2300, 40, &format!(", after 10{}", device(EEG)));
                }
                if stream.percent(50) {
                    offer("echocardiography", 2500, 30, &format!(", after 5{}", device(ULTRASOUND)));
                }
            }
            "sonographer" => {
                offer("ultrasound-abdomen", 1900, 30, &format!(", after 5{}", device(ULTRASOUND)));
                offer("ultrasound-thyroid", 1400, 20, &device(ULTRASOUND));
                offer("ultrasound-pelvis", 1800, 20, &device(ULTRASOUND));
            }
            "endoscopist" => {
                let needs = format!("{}, room {ENDOSCOPY_ROOM}", device(ENDOSCOPE));
                offer("gastroscopy", 4200, 30, &format!(", before 5, after 15{needs}"));
                offer("colonoscopy", 6800, 45, &format!(", before 10, after 20{needs}"));
            }
            "gynaecologist" if stream.percent(50) => offer("ultrasound-pelvis", 1900, 20, &device(ULTRASOUND)),
            "endocrinologist" if stream.percent(50) => offer("ultrasound-thyroid", 1500, 20, &device(ULTRASOUND)),
            "pulmonologist" => offer("spirometry", 1300, 20, &device(SPIROMETER)),
            "neurologist" if stream.percent(25) => offer("eeg", 2400, 40, &format!(", after 10{}", device(EEG))),
            _ => {}
        }
        offers.join("; ")
    }
}

fn ten_thousandths(degrees: f64) -> i64 {
    // Four digits stand in the lists, so nothing is lost.
    (degrees * 10_000.0).round() as i64
}

fn degrees(ten_thousandths: i64) -> String {
    format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000)
}
