//! The pages of booking, with sample data: see `frame`.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

#[path = "../../web/tests/frame/mod.rs"]
mod frame;

use booking::views::{
    AgreedLine, AnswerForm, BookForm, Clash, ClinicVisit, CodeForm, ConsentBlock, ConsentText, Declaration, Doctor, NearDay, OfferLine,
    Proposal, TEXTS, Taken, TakenWhy, UseLine, Uses, Visit, VisitCancel, VisitMove, VisitState, VisitWithdraw, WhomBlock,
};
use frame::Sheet;
use web::page::{Choice, DayTimes, Field, Link, Phone, Station};
use web::prose::{Block, parse};

fn whole(sheet: &Sheet) -> Vec<Block> {
    parse(&sheet.say(
        "## Не үшін {#1}\n\nЖазылу үшін деректерімді өңдеуге келісемін.\n\n- аты-жөнім\n- телефоным\n\n## Қанша уақыт {#2}\n\nҚабылдаудан кейін мерзімі өткенше.",
        "## Зачем {#1}\n\nЯ согласен на обработку моих данных для записи на приём.\n\n- имя\n- телефон\n\n## Как долго {#2}\n\nДо конца срока после приёма.",
        "## What for {#1}\n\nI agree to the processing of my data for booking a visit.\n\n- name\n- phone\n\n## How long {#2}\n\nUntil the term after the visit ends.",
    ))
}

fn consent(sheet: &Sheet, error: Option<String>) -> ConsentBlock {
    ConsentBlock {
        short: vec![sheet.say(
            "Аты-жөніңіз бен телефоныңызды тек осы қабылдауға жазу үшін пайдаланамыз: емханаға уақытты береміз, сізге код пен еске салу жібереміз. Келісімді кез келген уақытта қайтарып алуға болады.",
            "Имя и телефон нужны только для этой записи: передаём клинике время, а вам отправляем код и напоминание. Согласие можно отозвать в любой момент.",
            "Your name and phone serve this booking only: we give the clinic the time, and send you a code and a reminder. You may withdraw at any moment.",
        )],
        whole: whole(sheet),
        href: "consent".into(),
        version: "2026-11".into(),
        sha256: "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99".into(),
        error,
    }
}

fn doctor(sheet: &Sheet, times: DayTimes, nearest: Option<Link>) -> Doctor {
    let (summary, page) = (sheet.summary(), sheet.page("/doctors/1-sokolova"));
    Doctor {
        crumbs: vec![Link { text: page.s("booking-home"), href: "/".into() }],
        role: "1".into(),
        service: Some("cardiologist-consultation".into()),
        portrait: Some(summary.portrait),
        name: summary.doctor,
        specialty: summary.specialty,
        notes: vec![page.one("booking-years", "n", 14)],
        ranks: vec![page.s("booking-category-highest"), page.s("booking-degree-candidate")],
        clinic: Link { text: summary.clinic, href: "?".into() },
        address: summary.address,
        district: page.one("booking-district", "district", sheet.say("Петроград", "Петроградский", "Petrogradsky")),
        metro: vec![Station { words: summary.metro[0].clone(), lines: vec![("#0078c9".into(), "2".into())] }],
        service_name: sheet.say("Кардиолог кеңесі", "Консультация кардиолога", "Cardiologist consultation"),
        price: summary.price,
        length: page.one("booking-minutes", "n", 30),
        device: String::new(),
        preparation: vec![sheet.say("Таңғы ас ішпеңіз.", "Не завтракайте.", "Skip breakfast.")],
        examination: None,
        services: vec![
            OfferLine {
                name: sheet.say("Кеңес", "Консультация", "Consultation"),
                href: "?".into(),
                chosen: true,
                note: page.one("booking-minutes", "n", 30),
                price: web::money::price(280_000, "RUB"),
            },
            OfferLine {
                name: sheet.say("ЭКГ-мен кеңес", "Консультация с ЭКГ", "Consultation with ECG"),
                href: "?".into(),
                chosen: false,
                note: page.one("booking-minutes", "n", 40),
                price: web::money::price(360_000, "RUB"),
            },
        ],
        days: sheet.days(),
        day: sheet.say("ертең, 24\u{a0}қараша, сейсенбі", "завтра, вторник 24\u{a0}ноября", "tomorrow, Tuesday 24\u{a0}November"),
        times,
        nearest,
        zone: None,
        elsewhere: vec![Link {
            text: sheet.say(
                "«Приморье» орталығы, Савушкин көш., 10",
                "Центр «Приморье», ул. Савушкина, 10",
                "Primorye Centre, Savushkina Street 10",
            ),
            href: "?".into(),
        }],
        about: vec![sheet.say(
            "Қан қысымы мен жүрек ырғағы бұзылған ересектерді қабылдайды. Қарап-тексеруді түсіндіріп, жоспарын қағазға жазып береді.",
            "Принимает взрослых с повышенным давлением и нарушениями ритма. Объясняет каждый шаг и отдаёт план на бумаге.",
            "Sees adults with high blood pressure and rhythm disorders. Explains each step and hands over the plan on paper.",
        )],
        languages: sheet.say("орысша, ағылшынша", "русский, английский", "Russian, English"),
        ask: None,
        page,
    }
}

fn whom(sheet: &Sheet, other: bool) -> WhomBlock {
    let page = sheet.page("/");
    let relation = |code: &str| Choice { value: code.into(), text: page.s(&format!("booking-relation-{code}")), chosen: code == "parent" };
    WhomBlock {
        children_only: false,
        other,
        error: None,
        relations: ["parent", "adoptive_parent", "guardian", "spouse", "child", "other"].map(relation).to_vec(),
        relation_error: None,
        representative: Field::default(),
        age: other.then(|| Field::of("7")),
        declaration: Declaration {
            text: "Я вправе действовать за этого человека.".into(),
            version: "1".into(),
            sha256: "0".repeat(64),
            error: other.then(|| page.s("booking-error-declaration")),
        },
    }
}

#[test]
fn pages_of_a_doctor_and_a_booking() {
    for sheet in Sheet::all(TEXTS) {
        let labels =
            ["09:00", "09:30", "10:00", "10:30", "11:30", "12:00", "12:30", "14:00", "15:30", "16:00", "17:30", "18:00", "18:30", "19:00"];
        let times = || DayTimes::group(sheet.times(&labels));
        let day = sheet.say("25\u{a0}қараша, сәрсенбі", "среда 25\u{a0}ноября", "Wednesday 25\u{a0}November");
        sheet.keep("doctor", &doctor(&sheet, times(), None));
        sheet.keep("doctor-empty", &doctor(&sheet, DayTimes::default(), Some(Link { text: day.clone(), href: "?".into() })));

        let page = sheet.page("/book/1").private();
        let form = |name: Field, phone: Field, consent: ConsentBlock| BookForm {
            page: page.clone(),
            summary: sheet.summary(),
            minutes: Some(9),
            action: "?".into(),
            back_href: "?".into(),
            whom: whom(&sheet, false),
            name,
            phone,
            email: Some(Field::default()),
            age: None,
            consent,
            error: None,
        };
        sheet.keep("book", &form(Field::default(), Field::default(), consent(&sheet, None)));
        let mut wrong = form(
            Field::of("А").wrong(page.s("booking-error-name")),
            Field::of("+7 000 12").wrong(page.s("booking-error-phone")),
            consent(&sheet, Some(page.s("booking-error-consent"))),
        );
        wrong.whom = whom(&sheet, true);
        wrong.age = Some(Field::of("34"));
        sheet.keep("book-errors", &wrong);
        sheet.keep(
            "consent",
            &ConsentText {
                page: page.clone(),
                whole: whole(&sheet),
                version: "2026-11".into(),
                sha256: consent(&sheet, None).sha256,
                back_href: "?".into(),
            },
        );
        let code = |code: Field, note: Option<String>| CodeForm {
            page: page.clone(),
            summary: sheet.summary(),
            minutes: Some(8),
            phone: "+7\u{a0}000\u{a0}123-45-67".into(),
            code,
            action: "?".into(),
            resend: Some("?".into()),
            note,
            error: None,
            change_href: "?".into(),
            outbox_href: Some("?".into()),
        };
        sheet.keep("code", &code(Field::default(), None));
        sheet.keep("code-wrong", &code(Field::default().wrong(page.s("booking-error-code-empty")), Some(page.s("booking-code-note-sent"))));
        let taken = Taken {
            page: page.clone(),
            why: TakenWhy::Taken,
            summary: sheet.summary(),
            role: "1".into(),
            service: None,
            near: vec![
                NearDay { day: doctor(&sheet, DayTimes::default(), None).day, times: sheet.times(&["18:00", "19:00"]) },
                NearDay { day, times: sheet.times(&["09:00", "09:30", "10:00", "18:30"]) },
            ],
            doctor_href: "?".into(),
            others_href: "?".into(),
        };
        sheet.keep("taken", &taken);
        sheet.keep("expired", &Taken { why: TakenWhy::Expired, near: Vec::new(), ..taken });
        sheet.keep(
            "clash",
            &Clash {
                page,
                other: false,
                wanted: sheet.summary(),
                existing: sheet.summary(),
                keep_href: "?".into(),
                instead_action: "?".into(),
            },
        );
    }
}

#[test]
fn pages_of_a_visit() {
    for sheet in Sheet::all(TEXTS) {
        let page = sheet.page("/visits/1").private();
        let visit = |state: VisitState, fresh: bool| Visit {
            page: page.clone(),
            summary: sheet.summary(),
            state,
            number: "4817-302".into(),
            represented: false,
            fresh,
            moved: false,
            refused: None,
            clinic_told: true,
            clinic_phone: Some(Phone::new("+70008120012")),
            calendar_href: (state != VisitState::Cancelled).then(|| "?".into()),
            move_href: (state == VisitState::Booked).then(|| "?".into()),
            cancel_href: (state == VisitState::Booked).then(|| "?".into()),
            proposal: None,
            declined: None,
            confirmed: None,
            others_href: Some("?".into()),
            doctor_href: "?".into(),
            uses_href: "?".into(),
            agreed: vec![AgreedLine {
                short: Some(
                    "Я соглашаюсь, чтобы оператор использовал мои имя, телефон и данные о выбранном приёме, чтобы записать меня.".into(),
                ),
                lang: "ru".into(),
                given: page.texts().one("booking-agreed-web", "day", "23 ноября"),
                withdrawn: None,
                text_href: Some("?".into()),
                withdraw_href: Some("?".into()),
            }],
        };
        sheet.keep("visit-fresh", &visit(VisitState::Booked, true));
        let proposal = Proposal {
            when: "завтра, вторник 24 ноября, 18:30".into(), start: "?".into(), action: "?".into(), asked: false
        };
        sheet.keep("visit-proposed", &Visit { proposal: Some(proposal), ..visit(VisitState::Proposed, false) });
        sheet.keep("visit-declined", &Visit { declined: Some("doctor_away"), ..visit(VisitState::Declined, false) });
        sheet.keep("visit-requested", &visit(VisitState::Requested, false));
        sheet.keep("visit-asked", &visit(VisitState::Asked, true));
        sheet.keep("visit-represented", &Visit { represented: true, ..visit(VisitState::Booked, true) });
        let too_late = page.s("booking-too-late");
        sheet.keep(
            "visit-refused",
            &Visit { refused: Some(too_late), move_href: None, cancel_href: None, ..visit(VisitState::Booked, false) },
        );
        sheet.keep(
            "withdraw",
            &VisitWithdraw {
                page: page.clone(),
                summary: sheet.summary(),
                state: VisitState::Booked,
                clinic_told: true,
                purpose: "P1",
                data_days: 10,
                proof_days: 1095,
                action: "?".into(),
                back_href: "?".into(),
            },
        );
        sheet.keep("visit-cancelled", &visit(VisitState::Cancelled, false));
        sheet.keep(
            "move",
            &VisitMove {
                page: page.clone(),
                summary: sheet.summary(),
                days: sheet.days(),
                day: sheet.say("ертең, 24\u{a0}қараша, сейсенбі", "завтра, вторник 24\u{a0}ноября", "tomorrow, Tuesday 24\u{a0}November"),
                times: DayTimes::group(sheet.times(&["09:00", "12:30", "18:00", "19:00"])),
                nearest: None,
                action: "?".into(),
                error: Some(page.s("booking-move-taken")),
                back_href: "?".into(),
            },
        );
        sheet.keep(
            "cancel",
            &VisitCancel {
                page: page.clone(),
                summary: sheet.summary(),
                asked: false,
                action: "?".into(),
                move_href: Some("?".into()),
                back_href: "?".into(),
            },
        );
        let used = |what: &str, fields: &[&str], sealed: bool| UseLine {
            when: sheet.say("2026 ж. 24\u{a0}қараша, 12:30", "24\u{a0}ноября 2026, 12:30", "24\u{a0}November 2026, 12:30"),
            what: page.s(what),
            data: fields.iter().map(|field| page.s(&format!("booking-data-{field}"))).collect::<Vec<String>>().join(", "),
            more: None,
            receipt_href: sealed.then(|| "?".into()),
        };
        let given = UseLine {
            what: page.one("booking-given-sms", "name", "«Пример-СМС»"),
            more: Some(format!("{} {}", page.s("booking-given-consent"), page.s("booking-given-sent"))),
            ..used("", &["phone", "day", "time", "street", "number", "link"], true)
        };
        sheet.keep(
            "uses",
            &Uses {
                page: page.clone(),
                lines: vec![
                    used("booking-uses-booked", &["name", "phone", "email", "relation", "representative", "declaration"], true),
                    used("booking-uses-sms", &["phone"], true),
                    given,
                    used("booking-uses-moved", &["visit"], false),
                ],
                key: "4AAvqYNHqldpBob9c2hiWZZEsm5NGpMuML+ibMgWwvU=".into(),
                earlier_href: Some("?skip=100".into()),
                back_href: "?".into(),
            },
        );
        sheet.keep(
            "clinic-visit",
            &ClinicVisit {
                page: page.clone(),
                summary: sheet.summary(),
                state: VisitState::Booked,
                number: "4817-302".into(),
                minutes: 30,
                said: Some(page.texts().s("booking-answer-said-accepted")),
                form: Some(AnswerForm {
                    action: "?".into(),
                    asked: false,
                    can_confirm: true,
                    date: "2026-11-24".into(),
                    date_min: "2026-11-23".into(),
                    time: "18:30".into(),
                    reasons: vec![Choice { value: "1".into(), text: page.texts().s("booking-reason-doctor_away"), chosen: false }],
                    refused: None,
                }),
                back_href: None,
            },
        );
    }
}
