//! The cast: invented people whose phones cannot ring.

use serde_json::{Value, json};

/// Somebody who books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Family name and name.
    pub name: String,
    /// E.164.
    pub phone: String,
}

impl Person {
    /// Anybody.
    pub fn new(name: &str, phone: &str) -> Person {
        Person { name: name.into(), phone: phone.into() }
    }

    /// `patient` of the API.
    pub fn patient(&self) -> Value {
        json!({"name": self.name, "phone": self.phone})
    }
}

/// Books for herself.
pub fn anna() -> Person {
    Person::new("Пробная Анна", "+70001110001")
}

/// Wants what Anna wants.
pub fn boris() -> Person {
    Person::new("Примеров Борис", "+70001110002")
}

/// Writes Kazakh.
pub fn aigul() -> Person {
    Person::new("Үлгібаева Айгүл", "+70001110003")
}

/// One of many.
pub fn extra(number: usize) -> Person {
    let letter = |n: usize| char::from_u32('а' as u32 + u32::try_from(n % 32).unwrap()).unwrap();
    Person::new(&format!("Статистов {}{}", letter(number / 32), letter(number)), &format!("+7000222{number:04}"))
}

/// One doctor in two clinics whose hours overlap and whose grids differ by ten minutes, with two services of different length; and
/// one who sees a person for two hours and needs no notice.
pub const TWO_CLINICS: &str = "\
clinic,city,address,doctor,specialty,price,minutes,repeat_price,repeat_minutes,hours,horizon_days,notice_minutes
Клиника «Первая»,Санкт-Петербург,\"улица Пробная, 1\",Двойнов Пётр Ильич,Терапевт,2000,30,1500,20,mon-sun 09:00-17:00,28,60
Клиника «Вторая»,Санкт-Петербург,\"улица Пробная, 2\",Двойнов Пётр Ильич,Терапевт,2200,30,1700,20,mon-sun 09:10-17:10,28,60
Клиника «Вторая»,Санкт-Петербург,\"улица Пробная, 2\",Долгов Иван Ильич,Терапевт,9000,120,,,mon-sun 08:00-20:00,28,0
Клиника «Вторая»,Санкт-Петербург,\"улица Пробная, 2\",Быстрова Инна Ильинична,Терапевт,500,10,,,mon-sun 08:00-20:00,28,0
";
