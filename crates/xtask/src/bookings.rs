//! Bookings over the JSON API as a partner makes them, for the rings that need many.

use serde_json::{Value, json};

use crate::http::{Answer, Http};

/// A free time of one doctor at one clinic.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    /// Whose schedule.
    pub(crate) role: String,
    /// The person behind it, who may have several schedules.
    pub(crate) practitioner: String,
    /// RFC 3339, as the server wrote it.
    pub(crate) start: String,
    /// Unix seconds.
    pub(crate) from: i64,
    /// Unix seconds.
    pub(crate) to: i64,
}

/// A partner: its key, and the consents that its patients give.
#[derive(Clone)]
pub(crate) struct Partner {
    key: String,
    consents: Value,
}

/// A visit that the server acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) id: String,
    pub(crate) manage_token: String,
    pub(crate) time: Time,
}

/// What became of an attempt.
pub(crate) enum Attempt {
    /// 201.
    Acknowledged(Visit),
    /// 409: somebody else has it.
    Taken,
    /// 503: the server is in trouble and said so.
    Unavailable,
    /// No answer: only the server knows.
    Unanswered,
}

impl Partner {
    /// Reads the consent document of booking.
    ///
    /// # Errors
    /// When the server does not answer with one.
    pub(crate) fn new(key: &str, client: &mut Http) -> Result<Self, String> {
        let document = expect(client.call("GET", "/api/v1/consent-documents?purpose=P1&lang=ru", &[], None)?, 200)?;
        let consent = json!({ "purpose": document["purpose"], "version": document["version"], "sha256": document["sha256"] });
        Ok(Self { key: key.into(), consents: json!([consent]) })
    }

    /// Asks for a visit; `number` makes the patient's phone and the idempotency key, so the same number asks again.
    ///
    /// # Errors
    /// An answer that is neither 201, nor 409, nor a 503 of our form with the time to wait.
    pub(crate) fn book(&self, client: &mut Http, time: &Time, number: u32) -> Result<Attempt, String> {
        let body = json!({
            "role_id": time.role,
            "start": time.start,
            "patient": { "name": "Айгүл Сәрсенова", "phone": format!("+7000{number:07}") },
            "consents": self.consents,
        });
        let bearer = format!("Bearer {}", self.key);
        let key = format!("ring-{number}");
        let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key.as_str())];
        let Ok(answer) = client.call("POST", "/api/v1/appointments", &headers, Some(&body)) else {
            return Ok(Attempt::Unanswered);
        };
        match answer.status {
            201 => Ok(Attempt::Acknowledged(Visit {
                id: text(&answer.body, "id")?,
                manage_token: text(&answer.body, "manage_token")?,
                time: time.clone(),
            })),
            409 => Ok(Attempt::Taken),
            503 if answer.body["code"] == "unavailable" && answer.retry_after.is_some() => Ok(Attempt::Unavailable),
            _ => Err(told(&answer)),
        }
    }
}

/// Up to `wanted` free times, of every doctor, one after the other, so that neighbours in the list are of different doctors.
///
/// # Errors
/// When the server does not answer as the interface says.
pub(crate) fn free_times(client: &mut Http, wanted: usize) -> Result<Vec<Time>, String> {
    let mut schedules: Vec<Vec<Time>> = Vec::new();
    for page in 1..=20 {
        let path = format!("/api/v1/practitioners?page={page}&per_page=20&lang=ru");
        let list = expect(client.call("GET", &path, &[], None)?, 200)?;
        let items = list["items"].as_array().ok_or("GET /practitioners: no items")?;
        if items.is_empty() {
            break;
        }
        for item in items {
            let role = text(item, "role_id")?;
            // A device or a room alone has nobody behind it: then the schedule is its own.
            let practitioner = item["practitioner"]["id"].as_str().map_or_else(|| role.clone(), String::from);
            let path = format!("/api/v1/roles/{role}/slots?days=21");
            let slots = expect(client.call("GET", &path, &[], None)?, 200)?;
            let slots = slots["items"].as_array().ok_or("GET /roles/…/slots: no items")?;
            let time = |slot: &Value| -> Result<Time, String> {
                let (start, end) = (text(slot, "start")?, text(slot, "end")?);
                let seconds = |time: &str| unix_seconds(time).ok_or_else(|| format!("{time} is no RFC 3339 time"));
                Ok(Time { role: role.clone(), practitioner: practitioner.clone(), from: seconds(&start)?, to: seconds(&end)?, start })
            };
            schedules.push(slots.iter().map(time).collect::<Result<_, _>>()?);
        }
    }
    let longest = schedules.iter().map(Vec::len).max().unwrap_or(0);
    let times: Vec<Time> =
        (0..longest).flat_map(|row| schedules.iter().filter_map(move |times| times.get(row))).take(wanted).cloned().collect();
    if times.len() < wanted { Err(format!("only {} free times, {wanted} are needed", times.len())) } else { Ok(times) }
}

/// The body of an answer with this status.
///
/// # Errors
/// Any other status.
pub(crate) fn expect(answer: Answer, status: u16) -> Result<Value, String> {
    if answer.status == status { Ok(answer.body) } else { Err(told(&answer)) }
}

fn told(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.body)
}

/// A string field of an answer.
///
/// # Errors
/// When it is not there.
pub(crate) fn text(value: &Value, field: &str) -> Result<String, String> {
    value[field].as_str().map(String::from).ok_or_else(|| format!("no {field} in {value}"))
}

/// Seconds since 1970 of `2026-11-23T09:30:00+03:00`; fractions are dropped. Years 1 to 9999.
pub(crate) fn unix_seconds(time: &str) -> Option<i64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let clock = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let zone = time.get(19..)?.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            let amount = zone.get(1..3)?.parse::<i64>().ok()? * 3600 + zone.get(4..6)?.parse::<i64>().ok()? * 60;
            if *sign == b'-' { -amount } else { amount }
        }
        _ => return None,
    };
    // Years that begin in March put the leap day last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + clock - offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_offsets() {
        for (time, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-23T09:30:00+03:00", Some(1_795_415_400)),
            ("2026-11-23T11:30:00.250+05:00", Some(1_795_415_400)),
            ("2024-02-29T23:59:59-01:30", Some(1_709_256_599)),
            ("2026-11-23 09:30", None),
        ] {
            assert_eq!(unix_seconds(time), seconds, "{time}");
        }
    }
}
