//! The report as people read it: a page with tables, and a plot whose text twin those tables are.

use std::fmt::Write as _;

use crate::peers::{OURS, OURS_POSTGRES};
use crate::report::{Fact, Part, Report, Row, round};

/// Width of the plot and of the column with names, in its units.
const WIDE: f64 = 960.0;
const NAMES: f64 = 330.0;
const LINE: f64 = 22.0;
/// Ours and the others: apart in light as in dark, and for who does not see colours, by their names.
const COLOURS: (&str, &str) = ("#0b6b63", "#8a9299");

/// The page.
pub(crate) fn page(report: &Report) -> String {
    let mut text = String::from(
        "# Measured\n\n\
         Made by `cargo xtask bench`; one part again: `cargo xtask bench search` (or `slots`, `booking`, `record`, `privacy`); a look of under\n\
         two minutes: `cargo xtask bench quick`. Numbers are medians of interleaved rounds: in each round every server is asked in its turn,\n\
         with its floors beside it. **Compare within one part only**: each is a run of its own, on a machine that may have had other\n\
         things to do. Sixteen clients in a closed loop on kept connections; clients and servers share the machine. Processor time is\n\
         the server's, with its children, from the kernel's count. What the peers are and how they were asked is told below the tables.\n\n\
         ![Rates of all measured work on a logarithmic scale; the tables below have the same numbers](bench.svg)\n",
    );
    for (name, part) in ordered(report) {
        text.push_str(&of_part(name, part));
    }
    text.push_str(NOTES);
    text
}

const NOTES: &str = "\n## How they were asked\n\n\
- **Everybody has the same directory**: the one that our program serves is read and given to each peer. Before speeds are compared, the\n\
  doctors found for the same filters are: ids with PostgreSQL, totals with Groonga.\n\
- **Search** is a mix of 1,000 questions: specialty and city 35 %, the same with metro, price and free before one o'clock of a day 25 %,\n\
  the beginning of a surname 20 %, the text of a service 10 %, a surname with a typing error 10 %; twenty cards with their next five free\n\
  times. We answer as well with the total and with the counts of all facets. PostgreSQL is asked for neither, and not for a rank either;\n\
  it is spoken to with prepared statements and without HTTP. Both peers are given each doctor's free times ready, and nobody books\n\
  meanwhile, so they need not keep them up to date.\n\
- **The bare handler** is axum, which answers the same number of bytes and does nothing else.\n\
- **Booking**: every time is tried by two people at once. A try of ours is durable when it is answered, with consent, sealed details, audit\n\
  entry and jobs; the messages that follow are sent while we measure. *The same statements bare* are the ones that our program sent for such\n\
  tries, written down in a run of its own and sent again without HTTP, decisions and sealing: on SQLite by one writer in groups of sixteen, on\n\
  PostgreSQL by sixteen connections.\n\
- **django-appointment** runs under gunicorn with twice the cores and one more workers, over the same PostgreSQL. In its favour no code is asked\n\
  for and no mail is sent. It gives free times a day at a time, so fourteen days are fourteen requests.\n\
- **Records** have no door of their own yet and are measured at the library, without HTTP. pgcrypto is asked for its cheapest cipher.\n\
- **Privacy** is measured at the library. The copy of the audit log that is checked lies in the page cache for both; its heads are those of\n\
  a full batch, 512 entries to each. A log that grows slowly has a head for each few entries, and each head costs a signature more.\n\
- A goal that is missed is missed in that run, on that machine.\n";

fn ordered(report: &Report) -> Vec<(&str, &Part)> {
    crate::PARTS.iter().filter_map(|name| report.parts.get(*name).map(|part| (*name, part))).collect()
}

fn of_part(name: &str, part: &Part) -> String {
    let mut text = String::new();
    let syncs: Vec<String> = part.syncs.iter().map(|rate| round(*rate)).collect();
    let _ = write!(
        text,
        "\n## {}\n\n{}; {}; {}; rounds: {}; fdatasync in a second, round by round: {}.\n",
        capital(name),
        part.at,
        part.machine,
        part.versions,
        part.rounds,
        syncs.join(", ")
    );
    let (goals, facts): (Vec<&Fact>, Vec<&Fact>) = part.facts.iter().partition(|fact| fact.met.is_some());
    if !goals.is_empty() {
        let met = goals.iter().filter(|fact| fact.met == Some(true)).count();
        let _ = write!(text, "\nGoals met: {met} of {}.\n\n| What | Measured | Goal | |\n|---|---|---|---|\n", goals.len());
        for fact in goals {
            let mark = if fact.met == Some(true) { "met" } else { "**missed**" };
            let _ = writeln!(text, "| {} | {} | {} | {mark} |", fact.what, fact.value, fact.goal);
        }
    }
    text.push_str("\n| Work | Who | Doctors | Clients | In a second | Ours is | p50 ms | p95 ms | p99 ms | Processor µs | Answers |\n");
    text.push_str("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for row in &part.rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.work,
            row.who,
            if row.doctors == 0 { "–".into() } else { round(row.doctors as f64) },
            row.clients,
            round(row.rate),
            ratio(part, row),
            round(row.p50),
            round(row.p95),
            round(row.p99),
            row.cpu_micros.map_or("–".into(), round),
            round(row.answers as f64)
        );
    }
    if !facts.is_empty() {
        text.push_str("\n| Besides | |\n|---|---|\n");
        for fact in facts {
            let _ = writeln!(text, "| {} | {} |", fact.what.trim(), fact.value);
        }
    }
    for why in &part.not_run {
        let _ = write!(text, "\nNot run, or not whole: {why}.\n");
    }
    text
}

/// How many times faster our row of the same work is.
fn ratio(part: &Part, row: &Row) -> String {
    if row.who == OURS {
        return "–".into();
    }
    let same = |ours: &&Row| ours.who == OURS && (&ours.work, ours.doctors, ours.clients) == (&row.work, row.doctors, row.clients);
    let ours = part.rows.iter().find(same);
    ours.filter(|_| row.rate > 0.0).map_or("–".into(), |ours| format!("× {}", round(ours.rate / row.rate)))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// The plot: for each kind of work a bar for everybody who did it, by rate, on a logarithmic scale.
pub(crate) fn plot(report: &Report) -> String {
    let rows: Vec<&Row> =
        ordered(report).into_iter().flat_map(|(_, part)| &part.rows).filter(|row| row.clients > 1 && row.rate > 0.0).collect();
    let groups = groups(&rows);
    let most = rows.iter().map(|row| row.rate).fold(10.0, f64::max).log10().ceil();
    let least = rows.iter().map(|row| row.rate).fold(1.0, f64::min).log10().floor();
    let wide = WIDE - NAMES - 90.0;
    let place = |rate: f64| NAMES + (rate.log10() - least) / (most - least).max(1.0) * wide;
    let (mut bars, mut at) = (String::new(), 48.0);
    for (title, rows) in &groups {
        let _ = writeln!(bars, r#"<text x="12" y="{:.1}" class="work">{}</text>"#, at + 15.0, escaped(title));
        at += LINE + 2.0;
        for row in rows {
            let ours = row.who == OURS || row.who == OURS_POSTGRES;
            let (end, class) = (place(row.rate), if ours { "ours" } else { "other" });
            let _ = writeln!(
                bars,
                r#"<text x="{:.1}" y="{:.1}" class="who">{}</text><rect x="{NAMES}" y="{:.1}" width="{:.1}" height="14" rx="2" class="{class}"/><text x="{:.1}" y="{:.1}">{}</text>"#,
                NAMES - 8.0,
                at + 12.0,
                escaped(&row.who),
                at + 1.0,
                (end - NAMES).max(1.0),
                end + 6.0,
                at + 12.0,
                round(row.rate)
            );
            at += LINE;
        }
        at += 10.0;
    }
    let mut scale = String::new();
    let mut power = least;
    while power <= most {
        let x = place(10_f64.powf(power));
        let _ = writeln!(
            scale,
            r#"<line x1="{x:.1}" x2="{x:.1}" y1="40" y2="{at:.1}" class="line"/><text x="{x:.1}" y="32" class="tick">{}</text>"#,
            round(10_f64.powf(power))
        );
        power += 1.0;
    }
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height:.0}" role="img" aria-labelledby="title about" font-family="system-ui, sans-serif" font-size="12">
<title id="title">Rates of all measured work</title>
<desc id="about">Answers in a second with sixteen clients, on a logarithmic scale; the tables of bench.md have the same numbers.</desc>
<style>
  text {{ fill: #1d2429 }} .work {{ font-weight: 600; font-size: 13px }} .who {{ text-anchor: end }} .tick {{ text-anchor: middle; fill: #5b656d }}
  .line {{ stroke: #d5dadd }} .ours {{ fill: {ours} }} .other {{ fill: {other} }} .paper {{ fill: #ffffff }}
  @media (prefers-color-scheme: dark) {{ text {{ fill: #e8ecee }} .tick {{ fill: #a3adb4 }} .line {{ stroke: #39434a }} .paper {{ fill: #14191c }} .ours {{ fill: #3fb3a6 }} }}
</style>
<rect width="{WIDE}" height="{height:.0}" class="paper"/>
<text x="12" y="18" class="work">In a second, sixteen clients</text>
{scale}{bars}</svg>
"#,
        height = at + 8.0,
        ours = COLOURS.0,
        other = COLOURS.1,
    )
}

/// Rows of one work and one size of the directory, in their order.
fn groups<'a>(rows: &[&'a Row]) -> Vec<(String, Vec<&'a Row>)> {
    let mut groups: Vec<(String, Vec<&Row>)> = Vec::new();
    for row in rows {
        let title = if row.doctors == 0 { row.work.clone() } else { format!("{}, {} doctors", row.work, round(row.doctors as f64)) };
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, of)) => of.push(row),
            None => groups.push((title, vec![row])),
        }
    }
    groups
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let row = |who: &str, rate: f64| Row { work: "search".into(), who: who.into(), doctors: 10, clients: 16, rate, ..Row::default() };
        let part = Part {
            rows: vec![row(OURS, 1_000.0), row("a <peer>", 10.0)],
            facts: vec![Fact::at_least("rate", 100.0, 15.0, "× "), Fact::plain("body", "3 bytes")],
            not_run: vec!["another: why".into()],
            ..Part::default()
        };
        Report { parts: [("search".to_owned(), part)].into() }
    }

    #[test]
    fn every_number_stands_in_the_page_and_every_bar_in_the_plot() {
        let page = page(&report());
        for words in ["| rate | × 100 | ≥ × 15.0 | met |", "| × 100 |", "Not run, or not whole: another: why.", "| body | 3 bytes |"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let plot = plot(&report());
        assert!(plot.matches("<rect").count() == 3 && plot.contains("a &lt;peer>"), "{plot}");
    }
}
