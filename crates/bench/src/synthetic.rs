//! A directory of invented doctors in the form that `recomed import csv` reads; the same number gives the same doctors.

/// A small generator of numbers; the same seed gives the same ones.
pub(crate) struct Dice(u64);

impl Dice {
    /// A generator with this seed.
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`; 0 when that is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0).checked_rem(bound).unwrap_or(0)
    }

    /// One of these.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

const CITIES: [(&str, &[&str], &[&str]); 3] = [
    ("Санкт-Петербург", &["Центральный", "Приморский", "Невский"], &["Невский проспект", "Маяковская", "Петроградская", "Московская"]),
    ("Москва", &["Арбат", "Хамовники", "Тверской"], &["Арбатская", "Тверская", "Курская", "Таганская"]),
    ("Алматы", &["Алмалинский", "Бостандыкский"], &["Абая", "Алмалы", "Байконур", "Алатау"]),
];
const SPECIALTIES: [&str; 12] = [
    "cardiologist",
    "dentist",
    "dermatologist",
    "endocrinologist",
    "surgeon",
    "gynaecologist",
    "neurologist",
    "ophthalmologist",
    "otolaryngologist",
    "paediatrician",
    "therapist",
    "urologist",
];
const ROOTS: [&str; 24] = [
    "Бере",
    "Вор",
    "Голуб",
    "Дуб",
    "Ели",
    "Жура",
    "Зай",
    "Кали",
    "Лебе",
    "Мали",
    "Нови",
    "Орло",
    "Пав",
    "Ряби",
    "Соло",
    "Тара",
    "Ува",
    "Фила",
    "Хар",
    "Цвет",
    "Чере",
    "Шува",
    "Щер",
    "Яков",
];
const MIDDLES: [&str; 16] = ["бо", "ва", "ги", "де", "жи", "за", "ки", "ла", "мо", "ни", "по", "ру", "са", "ти", "фе", "ше"];
const ENDS: [(&str, &str); 6] = [("нов", "нова"), ("лев", "лева"), ("рин", "рина"), ("ский", "ская"), ("дов", "дова"), ("шкин", "шкина")];
const MEN: [&str; 8] = ["Андрей", "Борис", "Виктор", "Глеб", "Денис", "Иван", "Пётр", "Руслан"];
const WOMEN: [&str; 8] = ["Анна", "Вера", "Дарья", "Елена", "Мария", "Нина", "Ольга", "Софья"];
const FATHERS: [(&str, &str); 6] = [
    ("Андреевич", "Андреевна"),
    ("Борисович", "Борисовна"),
    ("Иванович", "Ивановна"),
    ("Олегович", "Олеговна"),
    ("Петрович", "Петровна"),
    ("Юрьевич", "Юрьевна"),
];
const HOURS: [&str; 5] = [
    "mon-fri 09:00-13:00,14:00-18:00",
    "mon,wed,fri 08:00-14:00; tue,thu 14:00-20:00",
    "tue-sat 10:00-16:00",
    "mon-sun 12:00-20:00",
    "mon-thu 08:30-12:30; sat 10:00-14:00",
];

/// The file of a directory with so many doctors, each in one clinic.
pub(crate) fn directory_csv(doctors: usize, per_clinic: usize) -> String {
    let mut dice = Dice::new(20_261_123);
    let mut text = String::from(
        "clinic,city,district,address,metro,lat,lon,doctor,doctor_code,sex,since,languages,specialty,patients,price,minutes,hours,horizon_days,notice_minutes\n",
    );
    let mut clinic = String::new();
    for number in 0..doctors {
        let at = number / per_clinic.max(1);
        if number % per_clinic.max(1) == 0 {
            let Some((city, districts, stations)) = CITIES.get(at % CITIES.len()) else { continue };
            let (lat, lon) = match at % CITIES.len() {
                0 => (59.93, 30.31),
                1 => (55.75, 37.61),
                _ => (43.24, 76.89),
            };
            let station = dice.below(stations.len());
            let near = |ahead: usize| stations.get((station + ahead) % stations.len()).copied().unwrap_or_default();
            clinic = format!(
                "Клиника {at},{city},{},\"улица Примерная, {at}\",{} {}; {} {},{:.4},{:.4}",
                dice.one(districts).copied().unwrap_or_default(),
                near(0),
                3 + dice.below(10),
                near(1),
                12 + dice.below(8),
                lat + dice.below(1_000) as f64 / 10_000.0,
                lon + dice.below(1_000) as f64 / 10_000.0,
            );
        }
        let woman = dice.below(2) == 0;
        let of = |pair: Option<&(&'static str, &'static str)>| pair.map_or("", |(his, hers)| if woman { *hers } else { *his });
        let (root, middle) = (dice.one(&ROOTS).copied().unwrap_or_default(), dice.one(&MIDDLES).copied().unwrap_or_default());
        let surname = format!("{root}{middle}{}", of(dice.one(&ENDS)));
        let name = dice.one(if woman { &WOMEN } else { &MEN }).copied().unwrap_or_default();
        text.push_str(&format!(
            "{clinic},{surname} {name} {},d{number},{},{},ru{},{},adults,{},{},\"{}\",14,60\n",
            of(dice.one(&FATHERS)),
            if woman { "f" } else { "m" },
            1985 + dice.below(38),
            if dice.below(3) == 0 { " kk" } else { "" },
            dice.one(&SPECIALTIES).copied().unwrap_or_default(),
            1_000 + dice.below(60) * 100,
            15 + 5 * dice.below(4),
            dice.one(&HOURS).copied().unwrap_or_default(),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_doctors() {
        let text = directory_csv(100, 8);
        assert_eq!((text.lines().count(), text == directory_csv(100, 8)), (101, true));
        let columns = |line: &str| line.split('"').step_by(2).map(|plain| plain.matches(',').count()).sum::<usize>();
        assert!(text.lines().all(|line| columns(line) == 18), "every row has every column");
    }
}
