//! The policy page, with a sample text: see `frame`.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

#[path = "../../web/tests/frame/mod.rs"]
mod frame;

use frame::Sheet;
use rights::views::{Policy, TEXTS};

#[test]
fn the_policy() {
    for sheet in Sheet::all(TEXTS) {
        let text = sheet.say(
            "## 1. Жалпы ережелер {#1}\n\n1.1. Бұл саясат Оператордың деректерді қалай өңдейтінін белгілейді. {#1.1}\n\n## 2. Өңдеу {#2}\n\n2.1. Мақсаттары: {#2.1}\n\n- қабылдауға жазу;\n- кері байланыс.",
            "## 1. Общие положения {#1}\n> Чей это документ и кого он защищает.\n\n1.1. Настоящая политика определяет, как Оператор обрабатывает персональные данные Пользователей Сайта. {#1.1}\n\n## 2. Обработка {#2}\n\n2.1. Цели обработки: {#2.1}\n\n- запись на приём;\n- обратная связь.",
            "## 1. General {#1}\n\n1.1. This policy sets out how the Operator processes the personal data of the Users of the Site. {#1.1}\n\n## 2. Processing {#2}\n\n2.1. Purposes: {#2.1}\n\n- booking of a visit;\n- feedback.",
        );
        sheet.keep(
            "policy",
            &Policy {
                page: sheet.page("/policy"),
                title: sheet.say("Жеке деректерді өңдеу саясаты", "Политика обработки персональных данных", "Personal data policy"),
                text: web::prose::parse(&text),
                sha256: "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99".into(),
            },
        );
    }
}
