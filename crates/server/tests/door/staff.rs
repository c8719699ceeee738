//! Staff: who comes in, how, and what each role reaches.

use access::{Act, By, NewStaff, Role, StaffId, totp};
use clock::Timestamp;
use server::router::Plane;
use staff::Rule;
use testkit::{Authenticator, Door, Kind, TestApp, attribute, attributes};

testkit::both!(
    every_page_as_every_role,
    a_password_with_a_code_opens_a_session,
    wrong_tries_lock_a_login_for_a_while,
    a_link_lets_in_once,
    a_passkey_is_made_and_opens,
    a_pin_switches_only_at_a_workstation,
    a_session_ends_by_time_and_by_a_click,
    a_role_is_granted_for_a_while,
    where_the_profile_wants_passkeys_no_password_opens,
    staff_can_have_a_listener_of_their_own,
);

pub(crate) const PASSWORD: &str = "тихий двор под снегом";
const CODES: [u8; totp::SECRET_BYTES] = [3; totp::SECRET_BYTES];
pub(crate) const HERE: &str = "http://localhost:8080";

/// The clinic and the doctor of a role of the directory.
pub(crate) fn place(app: &TestApp, role: &str) -> ([u8; 16], [u8; 16]) {
    let catalogue = app.app.world.catalogue();
    let role = catalogue.role(role.parse().unwrap()).unwrap();
    (role.organization.bytes(), role.practitioner.unwrap().bytes())
}

pub(crate) fn new(login: &str, role: Role, at: ([u8; 16], [u8; 16])) -> NewStaff {
    NewStaff {
        login: login.into(),
        name: format!("Пробный {login}"),
        role,
        clinic: Some(at.0),
        practitioner: Some(at.1),
        contract: "7/26".into(),
        until: (role == Role::Auditor).then(|| Timestamp::parse_rfc3339("2026-12-31T00:00:00Z").unwrap()),
    }
}

/// Adds somebody; their id and the token of their link.
pub(crate) async fn add(app: &TestApp, who: NewStaff) -> (StaffId, String) {
    let terms = app.app.world.profile.staff;
    let added = app.app.world.db.run("add", move |tx| {
        let who = who.clone();
        Box::pin(async move { access::add_staff(tx, &terms, &who, By::Console).await })
    });
    let (staff, token) = added.await.unwrap();
    (staff.id, token)
}

/// Adds somebody with a password and codes.
pub(crate) async fn equipped(app: &TestApp, login: &str, role: Role, at: ([u8; 16], [u8; 16])) -> StaffId {
    let (id, _) = add(app, new(login, role, at)).await;
    access::equip_for_demo(&app.app.world.db, &app.app.world.keys, id, PASSWORD, &CODES).await.unwrap();
    id
}

/// The code of a later half minute than any before: each counts once.
pub(crate) fn code(app: &TestApp) -> String {
    app.clock.advance(std::time::Duration::from_secs(30));
    totp::code_at(&CODES, app.clock.now())
}

pub(crate) async fn sign_in(app: &TestApp, door: &Door, login: &str) {
    let code = code(app);
    let answer = door.form("/ru/staff/sign-in", &[("login", login), ("password", PASSWORD), ("code", &code)]).await;
    assert_eq!(answer.location(), "/ru/staff");
}

/// Somebody new of this role, signed in.
pub(crate) async fn signed(app: &TestApp, login: &str, role: Role, at: ([u8; 16], [u8; 16])) -> (StaffId, Door) {
    let (id, door) = (equipped(app, login, role, at).await, app.door());
    sign_in(app, &door, login).await;
    (id, door)
}

pub(crate) async fn events(app: &TestApp) -> Vec<String> {
    // The clock of a test stands still between two of them, so they come in the order of their names.
    let rows = app.rows("SELECT outcome FROM audit_entry WHERE purpose = 'P10' ORDER BY outcome", &[]).await;
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// What a route answers to whoever stands at the door.
async fn ask(door: &Door, method: &str, path: &str, lang: &str) -> u16 {
    let path = path.replace("{lang}", lang).replace("{id}", "00000000-0000-4000-8000-000000000000").replace("{token}", "none");
    if method == "GET" { door.get(&path).await.status } else { door.form(&path, &[]).await.status }
}

async fn every_page_as_every_role(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let routes = || staff::ROUTES.iter().chain(desk::ROUTES);
    // Nobody: every page of the table sends to the sign-in, whatever is asked of it.
    for route in routes().filter(|route| route.rule != Rule::Anybody) {
        let nobody = app.door();
        assert_eq!(ask(&nobody, route.method, route.path, "ru").await, 303, "{} {}", route.method, route.path);
        let forged = app.door().with("cookie", "recomed_staff=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(ask(&forged, route.method, route.path, "kk").await, 303, "{} {}", route.method, route.path);
    }
    let (mut reached, mut refused): (Vec<(Role, Act)>, i64) = (Vec::new(), 0);
    for role in Role::ALL {
        equipped(&app, role.code(), role, at).await;
        for route in routes() {
            let Rule::Signed(act) = route.rule else { continue };
            // Each route with a session of its own: some of them end it.
            let door = app.door();
            sign_in(&app, &door, role.code()).await;
            let status = ask(&door, route.method, route.path, "en").await;
            let what = format!("{} {} as {}", route.method, route.path, role.code());
            if access::reach(role, act).is_some() {
                assert!(status != 403 && status != 404 || route.path.contains("{id}"), "{what}: {status}");
                assert!(status < 500 && status != 403 && status != 405, "{what}: {status}");
                reached.push((role, act));
            } else {
                assert_eq!(status, 403, "{what}");
                refused += 1;
            }
        }
    }
    // Every act has a page and a role.
    for act in Act::ALL {
        assert!(reached.iter().any(|(_, reached)| *reached == act), "{act:?}");
    }
    let forbidden = app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'forbidden' AND purpose = 'P10'").await;
    assert_eq!(forbidden, refused, "each refusal is written down");
    assert!(refused > 50, "{refused}");
    // Whoever answers for the policy is told that no lawyer has read its numbers; nobody else is.
    for (role, told) in [(Role::Operator, true), (Role::PrivacyOfficer, true), (Role::Registrar, false)] {
        let (_, door) = signed(&app, &format!("first-{}", role.code()), role, at).await;
        for lang in ["kk", "ru", "en"] {
            let page = door.get(&format!("/{lang}/staff")).await.ok().text();
            assert_eq!(page.contains("staff-numbers-unread\">"), told, "{role:?} {lang}");
        }
    }
    // What stands in no line of the table is not there, signed in or not.
    let (_, door) = signed(&app, "somebody", Role::Operator, at).await;
    for path in ["/ru/staff/secrets", "/ru/staff/day/all", "/xx/staff/nothing"] {
        assert_eq!(door.get(path).await.status, 404, "{path}");
    }
    assert_eq!(door.get("/ru/staff/lock").await.status, 405);
    // A form of another site does nothing, signed in or not.
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    assert_eq!(door.form_with("/ru/staff/sign-out", &[], &foreign).await.status, 403);
    assert_eq!(door.get("/ru/staff").await.status, 200);
}

async fn a_password_with_a_code_opens_a_session(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    equipped(&app, "vera", Role::Operator, at).await;
    let door = app.door();
    for lang in ["kk", "ru", "en"] {
        let page = door.get(&format!("/{lang}/staff/sign-in")).await.ok().text();
        assert!(page.contains("data-test=\"staff-password\""), "{page}");
        assert!(!page.contains("staff-error-"), "a text is missing");
    }
    let now = code(&app);
    let try_it = async |login: &str, password: &str, code: &str| {
        door.form("/ru/staff/sign-in", &[("login", login), ("password", password), ("code", code)]).await
    };
    for (login, password, code) in
        [("vera", "другой пароль здесь", now.as_str()), ("vera", PASSWORD, "000000"), ("nobody", PASSWORD, &now), ("", "", "")]
    {
        let answer = try_it(login, password, code).await;
        assert_eq!(answer.status, 401);
        assert!(attribute(&answer.text(), "id=\"login\"", "value") == login, "what was typed stays");
        assert_eq!(door.cookie("recomed_staff"), None);
    }
    assert_eq!(try_it(" Vera ", PASSWORD, &now).await.location(), "/ru/staff");
    let home = door.get("/ru/staff").await.ok();
    assert!(home.text().contains("Пробный vera"), "{}", home.text());
    assert_eq!(home.header("cache-control"), "no-store");
    // The code of a session that stands opens no second one.
    let other = app.door();
    let again = other.form("/ru/staff/sign-in", &[("login", "vera"), ("password", PASSWORD), ("code", &now)]).await;
    assert_eq!(again.status, 401);
    assert_eq!(
        events(&app).await.join(" "),
        "in-by-password sign-in-refused sign-in-refused sign-in-refused sign-in-refused sign-in-refused staff-added"
    );
    // No secret stands in the database as it was typed.
    let rows = app.rows("SELECT password, totp FROM staff", &[]).await;
    let (password, codes): (Vec<u8>, Vec<u8>) = (rows[0].get(0).unwrap(), rows[0].get(1).unwrap());
    assert!(!password.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()) && !codes.windows(20).any(|part| part == CODES));
}

async fn wrong_tries_lock_a_login_for_a_while(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    equipped(&app, "vera", Role::Operator, at).await;
    let (door, terms) = (app.door(), app.app.world.profile.staff);
    for login in ["vera", "nobody"] {
        for _ in 0..terms.sign_in_tries_max {
            let now = code(&app);
            assert_eq!(door.form("/ru/staff/sign-in", &[("login", login), ("password", "не тот"), ("code", &now)]).await.status, 401);
        }
        // Locked now, with the right words too; nobody learns whether the login exists.
        let now = code(&app);
        let locked = door.form("/ru/staff/sign-in", &[("login", login), ("password", PASSWORD), ("code", &now)]).await;
        assert_eq!(locked.status, 401);
        assert!(locked.text().contains(&format!("через {} минут", terms.lockout_minutes)), "{}", locked.text());
    }
    app.pass(u64::try_from(terms.lockout_minutes).unwrap() + 1);
    sign_in(&app, &door, "vera").await;
    assert_eq!(events(&app).await.iter().filter(|event| *event == "login-locked").count(), 2);
    // At one time as after each other: no more passwords are looked at than may be tried.
    app.pass(u64::try_from(terms.lockout_minutes).unwrap() + 1);
    let now = code(&app);
    let (door, now) = (std::sync::Arc::new(app.door()), std::sync::Arc::new(now));
    let tries: Vec<_> = (0..terms.sign_in_tries_max + 6)
        .map(|_| {
            let (door, now) = (door.clone(), now.clone());
            tokio::spawn(async move {
                door.form("/ru/staff/sign-in", &[("login", "vera"), ("password", "не тот"), ("code", &now)]).await.text()
            })
        })
        .collect();
    let mut locked = 0;
    for one in tries {
        locked += i64::from(one.await.unwrap().contains("Слишком много неверных попыток"));
    }
    assert_eq!(locked, 6);
}

async fn a_link_lets_in_once(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (id, token) = add(&app, new("vera", Role::Registrar, at)).await;
    let link = format!("/ru/staff/welcome/{token}");
    let door = app.door();
    let page = door.get(&link).await.ok().text();
    assert!(page.contains("Пробный vera") && page.contains("otpauth://totp/"), "{page}");
    let secret = access::offered_secret(&app.app.world.keys, &token);
    assert_eq!(attribute_text(&page, "staff-secret").replace(' ', ""), totp::base32(&secret));
    let good = totp::code_at(&secret, app.clock.now());
    for (password, code, part) in
        [("коротко", good.as_str(), "знаков"), ("aaaaaaaaaaaa", &good, "угадать"), (PASSWORD, "123456", "приложения")]
    {
        let answer = door.form(&link, &[("password", password), ("code", code)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(part), "{part}: {}", answer.text());
    }
    assert_eq!(door.form(&link, &[("password", PASSWORD), ("code", &good)]).await.location(), "/ru/staff");
    assert_eq!(door.get("/ru/staff").await.status, 200);
    // Used up, for whoever found it.
    let stranger = app.door();
    assert_eq!(stranger.get(&link).await.status, 410);
    assert_eq!(stranger.form(&link, &[("password", PASSWORD), ("code", &good)]).await.status, 410);
    assert_eq!(stranger.get("/ru/staff/welcome/anything").await.status, 410);
    // Anew: the old ways count no more, the session has ended; and a link runs out.
    let (terms, boss) = (app.app.world.profile.staff, signed(&app, "boss", Role::Operator, at).await.1);
    let answer = boss.form(&format!("/ru/staff/colleagues/{id}/anew"), &[]).await.ok().text();
    let link =
        answer.split("<code class=\"whole-link\">").nth(1).unwrap().split('<').next().unwrap().split("8080").nth(1).unwrap().to_owned();
    assert_eq!(door.get("/ru/staff").await.status, 303);
    assert_eq!(door.get(&link).await.status, 200);
    app.pass(u64::try_from(terms.enrolment_hours).unwrap() * 60);
    assert_eq!(door.get(&link).await.status, 410);
}

/// The text inside the element with that `data-test`.
fn attribute_text(page: &str, test: &str) -> String {
    let rest = page.split(&format!("data-test=\"{test}\"")).nth(1).unwrap();
    rest.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
}

async fn a_passkey_is_made_and_opens(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (id, token) = add(&app, new("vera", Role::Operator, at)).await;
    let (door, link) = (app.door(), format!("/ru/staff/welcome/{token}/passkey"));
    let same = [("sec-fetch-site", "same-origin")];
    let post = async |door: &Door, path: &str, body: &serde_json::Value| door.json_with("POST", path, body, &same).await;
    let asked = post(&door, &format!("{link}/begin"), &serde_json::json!({})).await.ok().json();
    let mut device = Authenticator::new(HERE);
    // A page of another site relays nothing.
    let elsewhere = Authenticator::new("http://localhost:9999");
    assert_eq!(post(&door, &format!("{link}/finish"), &elsewhere.create(&asked)).await.status, 422);
    // The challenge was used up by that.
    assert_eq!(post(&door, &format!("{link}/finish"), &device.create(&asked)).await.status, 422);
    let asked = post(&door, &format!("{link}/begin"), &serde_json::json!({})).await.ok().json();
    let made = post(&door, &format!("{link}/finish"), &device.create(&asked)).await.ok().json();
    assert_eq!(made["to"], "/ru/staff");
    assert_eq!(door.get("/ru/staff").await.status, 200);
    assert_eq!(app.door().get(&format!("/ru/staff/welcome/{token}")).await.status, 410);

    let begin = "/ru/staff/sign-in/passkey/begin";
    let finish = "/ru/staff/sign-in/passkey/finish";
    let other = app.door();
    let asked = post(&other, begin, &serde_json::json!({})).await.ok().json();
    let answer = device.answer(&asked);
    assert_eq!(post(&other, finish, &answer).await.ok().json()["to"], "/ru/staff");
    assert_eq!(other.get("/ru/staff").await.status, 200);
    // The same answer again: its challenge is used up.
    assert_eq!(post(&app.door(), finish, &answer).await.status, 401);
    // Another device's, and one for a challenge that has run out.
    let asked = post(&other, begin, &serde_json::json!({})).await.ok().json();
    assert_eq!(post(&app.door(), finish, &Authenticator::new(HERE).answer(&asked)).await.status, 401);
    let asked = post(&other, begin, &serde_json::json!({})).await.ok().json();
    app.pass(6);
    assert_eq!(post(&app.door(), finish, &device.answer(&asked)).await.status, 401);
    // A device whose counter goes back may be a copy.
    let asked = post(&other, begin, &serde_json::json!({})).await.ok().json();
    device.counter = 0;
    let copied = post(&app.door(), finish, &device.answer(&asked)).await;
    assert!(copied.status == 401 && copied.text().contains("скопирован"), "{}", copied.text());
    assert!(events(&app).await.contains(&"passkey-copied".to_owned()));
    // A challenge for adding a passkey opens no session, and one of another person adds none.
    let (_, boss) = signed(&app, "boss", Role::Operator, at).await;
    let asked = post(&boss, "/ru/staff/account/passkey/begin", &serde_json::json!({})).await.ok().json();
    device.counter = 10;
    assert_eq!(post(&app.door(), finish, &device.answer(&asked)).await.status, 401);
    let asked = post(&boss, "/ru/staff/account/passkey/begin", &serde_json::json!({})).await.ok().json();
    assert_eq!(post(&other, "/ru/staff/account/passkey/finish", &Authenticator::new(HERE).create(&asked)).await.status, 422);
    // The last way in stays; with a second one the first may go.
    let account = other.get("/ru/staff/account").await.ok().text();
    let key = attribute(&account, "type=\"hidden\" name=\"id\"", "value");
    assert_eq!(other.form("/ru/staff/account/passkey/remove", &[("id", &key)]).await.status, 422);
    let asked = post(&other, "/ru/staff/account/passkey/begin", &serde_json::json!({})).await.ok().json();
    assert_eq!(asked["known"].as_array().unwrap().len(), 1);
    assert_eq!(post(&other, "/ru/staff/account/passkey/finish", &Authenticator::new(HERE).create(&asked)).await.status, 200);
    assert_eq!(other.form("/ru/staff/account/passkey/remove", &[("id", &key)]).await.location(), "/ru/staff/account");
    // Whoever has no access any more comes in by nothing.
    let asked = post(&app.door(), begin, &serde_json::json!({})).await.ok().json();
    app.app.world.db.run("end", move |tx| Box::pin(access::end_staff(tx, id, By::Console))).await.unwrap();
    assert_eq!(other.get("/ru/staff").await.status, 303);
    assert_eq!(post(&app.door(), finish, &device.answer(&asked)).await.status, 401);
}

async fn a_pin_switches_only_at_a_workstation(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (_, desk) = signed(&app, "vera", Role::Registrar, at).await;
    equipped(&app, "oleg", Role::Registrar, at).await;
    for pin in ["111111", "123456", "12"] {
        assert_eq!(desk.form("/ru/staff/account/pin", &[("pin", pin)]).await.status, 422, "{pin}");
    }
    assert_eq!(desk.form("/ru/staff/account/pin", &[("pin", "193746")]).await.location(), "/ru/staff/account");
    assert_eq!(desk.form("/ru/staff/workstations", &[("name", "")]).await.status, 422);
    assert_eq!(desk.form("/ru/staff/workstations", &[("name", "Стойка у входа")]).await.location(), "/ru/staff/workstations");
    // The session was opened before the computer became shared: it does not switch.
    assert!(!desk.get("/ru/staff").await.ok().text().contains("staff-lock"));
    sign_in(&app, &desk, "vera").await;
    assert!(desk.get("/ru/staff").await.ok().text().contains("staff-lock"));
    assert_eq!(desk.form("/ru/staff/lock", &[]).await.location(), "/ru/staff/sign-in?said=away");
    assert_eq!(desk.get("/ru/staff").await.location(), "/ru/staff/sign-in?said=locked");

    sign_in(&app, &desk, "oleg").await;
    assert_eq!(desk.form("/ru/staff/account/pin", &[("pin", "808316")]).await.location(), "/ru/staff/account");
    let page = desk.get("/ru/staff/sign-in").await.ok().text();
    let sessions = attributes(&page, "name=\"session\"", "value");
    assert_eq!(sessions.len(), 2, "both go on by PIN here: {page}");
    let who = |page: &str, name: &str| {
        let line = page.split("<label").find(|line| line.contains(name)).unwrap().to_owned();
        attribute(&line, "name=\"session\"", "value")
    };
    let (vera, oleg) = (who(&page, "Пробный vera"), who(&page, "Пробный oleg"));
    // Elsewhere nobody is named, and the session is not to be had.
    let elsewhere = app.door();
    assert!(!elsewhere.get("/ru/staff/sign-in").await.ok().text().contains("Пробный"));
    assert_eq!(elsewhere.form("/ru/staff/switch", &[("session", &vera), ("pin", "193746")]).await.location(), "/ru/staff/sign-in");
    let forged = app.door().with("cookie", "recomed_place=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(forged.form("/ru/staff/switch", &[("session", &vera), ("pin", "193746")]).await.location(), "/ru/staff/sign-in");

    // Another workstation has its own people: this one's are none there.
    let (_, room) = signed(&app, "nina", Role::Registrar, at).await;
    room.form("/ru/staff/workstations", &[("name", "Кабинет")]).await;
    let wrong = room.form("/ru/staff/switch", &[("session", &vera), ("pin", "193746")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("Этот вход завершён"), "{}", wrong.text());
    assert!(!room.get("/ru/staff/sign-in").await.ok().text().contains("Пробный vera"));

    let before = desk.cookie("recomed_staff").unwrap();
    assert_eq!(desk.form("/ru/staff/switch", &[("session", &vera), ("pin", "193746")]).await.location(), "/ru/staff");
    assert!(desk.get("/ru/staff").await.ok().text().contains("Пробный vera"));
    // Whoever was there before is locked, and their token with them.
    let left = app.door().with("cookie", &format!("recomed_staff={before}"));
    assert_eq!(left.get("/ru/staff").await.location(), "/ru/staff/sign-in?said=locked");
    // Somebody else's PIN is wrong; too many end the session.
    let most = app.app.world.profile.staff.pin_tries_max;
    for left in (1..most).rev() {
        let wrong = desk.form("/ru/staff/switch", &[("session", &oleg), ("pin", "193746")]).await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.text().contains(&left.to_string()), "{}", wrong.text());
    }
    assert_eq!(desk.form("/ru/staff/switch", &[("session", &oleg), ("pin", "193746")]).await.status, 401);
    assert_eq!(desk.form("/ru/staff/switch", &[("session", &oleg), ("pin", "808316")]).await.status, 401, "the right one comes too late");
    assert!(events(&app).await.contains(&"pins-wrong".to_owned()));
    assert!(!desk.get("/ru/staff/sign-in").await.ok().text().contains("Пробный oleg"));
    // A workstation of another clinic is none to a registrar of this one, and ends with all its sessions.
    let other = other_clinic(&app, at.0);
    let (_, far) = signed(&app, "far", Role::Registrar, other).await;
    assert!(!far.get("/ru/staff/workstations").await.ok().text().contains("Стойка у входа"));
    let page = desk.get("/ru/staff/workstations").await.ok().text();
    let id = attribute(&page, "type=\"hidden\" name=\"id\"", "value");
    far.form("/ru/staff/workstations/end", &[("id", &id)]).await;
    assert_eq!(desk.get("/ru/staff").await.status, 200, "nothing has ended");
    desk.form("/ru/staff/workstations/end", &[("id", &id)]).await;
    assert_eq!(desk.get("/ru/staff").await.location(), "/ru/staff/sign-in");
    assert_eq!(desk.form("/ru/staff/switch", &[("session", &vera), ("pin", "193746")]).await.location(), "/ru/staff/sign-in");
}

/// A clinic besides this one, and a doctor of it.
pub(crate) fn other_clinic(app: &TestApp, clinic: [u8; 16]) -> ([u8; 16], [u8; 16]) {
    let catalogue = app.app.world.catalogue();
    let role = catalogue.roles.iter().find(|role| role.practitioner.is_some() && role.organization.bytes() != clinic).unwrap();
    (role.organization.bytes(), role.practitioner.unwrap().bytes())
}

async fn a_session_ends_by_time_and_by_a_click(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let terms = app.app.world.profile.staff;
    let (_, one) = signed(&app, "vera", Role::Operator, at).await;
    let two = app.door();
    sign_in(&app, &two, "vera").await;
    // Used now and then it lives to its end; left alone it is locked.
    let idle = u64::try_from(terms.idle_minutes).unwrap();
    for _ in 0..3 {
        app.pass(idle - 1);
        assert_eq!(one.get("/ru/staff").await.status, 200);
    }
    assert_eq!(two.get("/ru/staff").await.location(), "/ru/staff/sign-in?said=locked");
    // One's other sessions can be ended from here, somebody else's not.
    sign_in(&app, &two, "vera").await;
    let (_, boss) = signed(&app, "boss", Role::Operator, at).await;
    let page = one.get("/ru/staff/account").await.ok().text();
    let sessions = attributes(&page, "type=\"hidden\" name=\"id\"", "value");
    assert_eq!(sessions.len(), 3, "{page}");
    for session in &sessions {
        boss.form("/ru/staff/account/session/end", &[("id", session)]).await;
    }
    assert_eq!((one.get("/ru/staff").await.status, two.get("/ru/staff").await.status), (200, 200));
    one.form("/ru/staff/account/session/end", &[("id", &sessions[0])]).await;
    assert_eq!(two.get("/ru/staff").await.location(), "/ru/staff/sign-in", "the newest was the other one's");
    let mut minutes = 0;
    while one.get("/ru/staff").await.status == 200 {
        app.pass(idle - 1);
        minutes += idle - 1;
        assert!(minutes < 2 * u64::try_from(terms.session_minutes).unwrap(), "it never ends");
    }
    assert_eq!(one.get("/ru/staff").await.location(), "/ru/staff/sign-in");
    // Out is out, for the token too.
    let (_, door) = signed(&app, "anna", Role::Operator, at).await;
    let token = door.cookie("recomed_staff").unwrap();
    assert_eq!(door.form("/ru/staff/sign-out", &[]).await.location(), "/ru/staff/sign-in?said=out");
    let kept = app.door().with("cookie", &format!("recomed_staff={token}"));
    assert_eq!(kept.get("/ru/staff").await.location(), "/ru/staff/sign-in");
    // What has run out is swept.
    app.pass(2 * u64::try_from(terms.session_minutes).unwrap());
    app.app.world.db.run("sweep", move |tx| Box::pin(async move { access::sweep_staff(tx, &terms, None).await })).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM staff_session").await + app.count("SELECT count(*) FROM staff_tries").await, 0);
}

async fn a_role_is_granted_for_a_while(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (boss_id, boss) = signed(&app, "boss", Role::Operator, at).await;
    let (id, vera) = signed(&app, "vera", Role::Registrar, at).await;
    let (agent, _) = signed(&app, "agent", Role::Agent, at).await;
    let hours = app.app.world.profile.staff.grant_hours_max;
    let ask = async |to: StaffId, role: &str, reason: &str, hours: &str| {
        boss.form(&format!("/ru/staff/colleagues/{to}/grants"), &[("role", role), ("reason", reason), ("hours", hours)]).await.status
    };
    assert_eq!(vera.get("/ru/staff/events").await.status, 403);
    let over = (hours + 1).to_string();
    for (to, role, hours) in [
        (boss_id, "registrar", "8"),
        (id, "registrar", "8"),
        (agent, "registrar", "8"),
        (id, "auditor", "8"),
        (id, "operator", "0"),
        (id, "operator", "many"),
        (id, "operator", over.as_str()),
    ] {
        assert_eq!(ask(to, role, "cover", hours).await, 422, "{role} for {hours}");
    }
    assert_eq!(ask(id, "operator", "because", "8").await, 400);
    assert_eq!(ask(id, "operator", "cover", "8").await, 303);
    assert_eq!(ask(id, "operator", "cover", "8").await, 422, "twice");
    assert_eq!(vera.get("/ru/staff/events").await.status, 200);
    assert!(vera.get("/ru/staff").await.ok().text().contains("замещает"), "the page says so");
    // Whoever was granted grants nothing to themselves either.
    assert_eq!(
        vera.form(&format!("/ru/staff/colleagues/{id}/grants"), &[("role", "content"), ("reason", "load"), ("hours", "8")]).await.status,
        422
    );
    app.pass(8 * 60);
    sign_in(&app, &vera, "vera").await;
    assert_eq!(vera.get("/ru/staff/events").await.status, 403, "over");
    sign_in(&app, &boss, "boss").await;
    assert_eq!(ask(id, "operator", "incident", "8").await, 303);
    assert_eq!(vera.get("/ru/staff/events").await.status, 200);
    let page = boss.get(&format!("/ru/staff/colleagues/{id}")).await.ok().text();
    boss.form(&format!("/ru/staff/colleagues/{id}/grants/end"), &[("id", &attribute(&page, "type=\"hidden\" name=\"id\"", "value"))]).await;
    assert_eq!(vera.get("/ru/staff/events").await.status, 403, "taken back");
    // Access that is ended ends at once; nobody ends their own.
    assert_eq!(boss.form(&format!("/ru/staff/colleagues/{boss_id}/end"), &[]).await.status, 422);
    assert_eq!(boss.form(&format!("/ru/staff/colleagues/{id}/end"), &[]).await.status, 303);
    assert_eq!(vera.get("/ru/staff").await.location(), "/ru/staff/sign-in");
    // An auditor's access runs out by itself, and needs a contract (clause 8.2).
    let typed = |contract: &'static str, until: &'static str| {
        [("login", "audit"), ("name", "Проверкин"), ("role", "auditor"), ("contract", contract), ("until", until)]
    };
    for (contract, until) in [("", "2026-12-31"), ("7/26", ""), ("7/26", "2026-01-01")] {
        assert_eq!(boss.form("/ru/staff/colleagues", &typed(contract, until)).await.status, 422, "{contract} {until}");
    }
    let added = boss.form("/ru/staff/colleagues", &typed("7/26", "2026-12-31")).await.ok().text();
    assert!(added.contains("data-test=\"staff-link\""), "{added}");
    assert_eq!(boss.form("/ru/staff/colleagues", &typed("7/26", "2026-12-31")).await.status, 422, "the login is taken");
    let (_, auditor) = signed(&app, "second", Role::Auditor, at).await;
    assert_eq!(auditor.get("/ru/staff/events").await.status, 200);
    app.clock.set(Timestamp::parse_rfc3339("2026-12-31T00:00:01Z").unwrap());
    let late = code(&app);
    assert_eq!(auditor.form("/ru/staff/sign-in", &[("login", "second"), ("password", PASSWORD), ("code", &late)]).await.status, 401);
}

async fn where_the_profile_wants_passkeys_no_password_opens(kind: Kind) {
    let mut app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    equipped(&app, "vera", Role::Operator, at).await;
    let (_, token) = add(&app, new("oleg", Role::Operator, at)).await;
    for name in ["ru", "kz"] {
        assert!(!privacy::Profile::named(name).unwrap().staff.password_fallback, "{name}");
    }
    std::sync::Arc::make_mut(&mut app.app.world.profile).staff.password_fallback = false;
    let door = Door::new(server::router::router(app.app.clone()).unwrap());
    let page = door.get("/ru/staff/sign-in").await.ok().text();
    assert!(!page.contains("data-test=\"staff-password\""), "{page}");
    let now = code(&app);
    assert_eq!(door.form("/ru/staff/sign-in", &[("login", "vera"), ("password", PASSWORD), ("code", &now)]).await.status, 401);
    let link = format!("/ru/staff/welcome/{token}");
    assert!(!door.get(&link).await.ok().text().contains("name=\"password\""));
    let first = totp::code_at(&access::offered_secret(&app.app.world.keys, &token), app.clock.now());
    assert_eq!(door.form(&link, &[("password", PASSWORD), ("code", &first)]).await.status, 422);
    assert_eq!(app.count("SELECT count(*) FROM staff_session").await, 0);
}

async fn staff_can_have_a_listener_of_their_own(kind: Kind) {
    let app = TestApp::start(kind).await;
    let public = Door::new(server::router::plane(app.app.clone(), Plane::Public).unwrap());
    let apart = Door::new(server::router::plane(app.app.clone(), Plane::Staff).unwrap());
    for path in ["/staff", "/ru/staff", "/ru/staff/sign-in", "/ru/staff/day", "/ru/demo/staff"] {
        assert_eq!(public.get(path).await.status, 404, "{path}");
    }
    for path in ["/ru/", "/api/v1/practitioners", "/api/openapi.json", "/fhir/metadata", "/ru/policy", "/demo/outbox"] {
        assert_eq!(apart.get(path).await.status, 404, "{path}");
    }
    assert_eq!((public.get("/ru/").await.status, apart.get("/ru/staff/sign-in").await.status), (200, 200));
    assert_eq!((public.get("/healthz").await.status, apart.get("/healthz").await.status), (200, 200));
    assert_eq!(apart.get("/staff").await.location(), "/ru/staff");
}
