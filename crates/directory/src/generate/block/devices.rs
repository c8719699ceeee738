//! Rows of devices that are booked without a doctor.

use super::{City, Clinic, Stream, World};

impl World {
    /// Rows of the devices of a diagnostic centre, which are booked without a doctor.
    pub(super) fn devices(&self, city: &City, clinic: &Clinic, stream: &mut Stream, write: &mut dyn FnMut(&[String])) {
        let price = |rub: u64| (rub * city.percent / 100 / city.step).max(1) * city.step;
        // Device, room, and what is done with it: service, price in roubles, minutes.
        type Equipment = (&'static str, &'static str, &'static [(&'static str, u64, u64)]);
        let all: [Equipment; 5] = [
            (
                "МРТ 1,5 Тл / МРТ 1,5 Тл / MRI 1.5 T",
                "Кабинет МРТ / МРТ кабинеті / MRI room",
                &[("mri-brain", 5200, 30), ("mri-lumbar-spine", 5400, 30)],
            ),
            ("КТ 64 среза / 64 кесінді КТ / CT 64 slices", "Кабинет КТ / КТ кабинеті / CT room", &[("ct-chest", 4300, 20)]),
            (
                "Рентгеновский аппарат / Рентген аппараты / X-ray machine",
                "Рентгеновский кабинет / Рентген кабинеті / X-ray room",
                &[("xray-chest", 1300, 15)],
            ),
            ("Маммограф / Маммограф / Mammograph", "", &[("mammography", 2100, 20)]),
            ("Денситометр / Денситометр / Densitometer", "", &[("densitometry", 2300, 20)]),
        ];
        for (device, room, services) in all {
            if !stream.percent(70) {
                continue;
            }
            let mut row: [String; 56] = std::array::from_fn(|at| clinic.cells.get(at).cloned().unwrap_or_default());
            let offers: Vec<String> = services.iter().map(|(code, rub, minutes)| format!("{code}: {}, {minutes}", price(*rub))).collect();
            let cells = [
                (30, if device.starts_with("Маммограф") || device.starts_with("Денсит") { "adults" } else { "both" }),
                (31, if device.starts_with("Маммограф") || device.starts_with("Денсит") { "18+" } else { "7+" }),
                (40, &offers.join("; ")),
                (41, device),
                (42, room),
                (44, "10"),
                (45, "mon-sat 08:00-20:00; sun 09:00-18:00"),
                (46, "2026-12-31 08:00-14:00; 2027-01-01 off"),
                (47, "28"),
                (48, "60"),
            ];
            for (at, text) in cells {
                if let Some(cell) = row.get_mut(at) {
                    *cell = text.to_owned();
                }
            }
            write(&row);
        }
    }
}
