//! Free times of one doctor for fourteen days: one request of ours, fourteen of a peer that gives a day at a time.

use std::sync::Arc;

use crate::Bench;
use crate::dice::Dice;
use crate::load::Http;
use crate::ours;
use crate::peers::{DJANGO, FLOOR, OURS, django};
use crate::report::{Fact, Part, Rounds, median, round};
use crate::search::Asker;
use crate::world::World;

/// The work's name in the tables.
pub(crate) const SLOTS: &str = "free times of one doctor, 14 days";
/// Doctors whom the peer, much slower, is asked about.
const PEER_DOCTORS: usize = 200;
/// Doctors asked about.
const DOCTORS: usize = 1_000;

/// Measures lists of free times at every size.
///
/// # Errors
/// When our own server or the floor cannot be run; peers that cannot are told of.
pub(crate) async fn run(bench: &Bench) -> Result<Part, String> {
    let (mut rounds, mut part) = (Rounds::default(), bench.part());
    for scale in &bench.plan.scales {
        let place = bench.place(*scale)?;
        let world = World::read(db::Place::Sqlite(place.data.join("recomed.db"))).await?;
        let doctors = *scale;
        let ours = ours::start(&bench.program, &place)?;
        let mut dice = Dice::new(3);
        let path = |role: &str| format!("/api/v1/roles/{role}/slots?days=14");
        let requests: Vec<(usize, Vec<u8>)> = (0..DOCTORS)
            .filter_map(|_| dice.one(&world.doctors))
            .map(|doctor| (0, Http::request("GET", &path(&doctor.role), &[], &[])))
            .collect();
        let (mut http, mut sizes) = (Http::new(&ours.running.address), Vec::new());
        for (_, request) in &requests {
            let answer = http.send(request).await?;
            if answer.status != 200 {
                return Err(format!("our free times answered {}", answer.status));
            }
            sizes.push(answer.body.len() as f64);
        }
        let body = median(sizes).unwrap_or(0.0) as usize;
        part.facts.push(Fact::plain(
            format!("body of an answer with free times, {doctors} doctors, the floor's too"),
            format!("{} bytes", round(body as f64)),
        ));
        let floor = bench.floor(body)?;
        // The peer's time is that of its requests: one size of the directory is enough, and the smaller is in its favour.
        let site = match (&bench.django, &bench.postgres) {
            _ if bench.plan.scales.first() != Some(scale) => None,
            (Ok(python), Ok(server)) => {
                println!("filling {DJANGO}");
                django::start(python, server, &bench.work, &world).await.map_err(|why| part.not_run.push(format!("{DJANGO}: {why}"))).ok()
            }
            (Err(why), _) | (_, Err(why)) => {
                part.not_run.push(format!("{DJANGO}: {why}"));
                None
            }
        };
        let days = Arc::new(django::days(&world, PEER_DOCTORS));
        let (requests, nothing) = (Arc::new(requests), Arc::new(vec![(0, Http::request("GET", "/", &[], &[]))]));
        for _ in 0..bench.plan.rounds {
            rounds.syncs.push(bench.syncs()?);
            for clients in [bench.plan.clients, 1] {
                let asking = Asker::many(&ours.running.address, &requests, clients);
                rounds.add(SLOTS, OURS, doctors, clients, bench.measure(asking, Some(ours.running.id())).await);
                let asking = Asker::many(&floor.address, &nothing, clients);
                rounds.add(SLOTS, FLOOR, doctors, clients, bench.measure(asking, Some(floor.id())).await);
            }
            if let Some(site) = &site {
                let asking = django::Days::many(&site.running.address, &days, bench.plan.clients);
                let sample = bench.measure_for(bench.plan.long, asking, Some(site.running.id())).await;
                rounds.add(SLOTS, DJANGO, doctors, bench.plan.clients, sample);
            }
        }
        let row = |who: &str| rounds.row(SLOTS, who, doctors, bench.plan.clients);
        if let (Some(ours), Some(peer)) = (row(OURS), row(DJANGO)) {
            part.facts.push(Fact::at_least(
                format!("free times, rate against {DJANGO} (14 requests), {doctors} doctors"),
                ours.rate / peer.rate.max(0.001),
                5_000.0,
                "× ",
            ));
        }
        if let (Some(ours), Some(floor)) = (row(OURS), row(FLOOR)) {
            part.facts.push(Fact::at_least(
                format!("free times, rate against the {FLOOR}, {doctors} doctors"),
                ours.rate / floor.rate,
                0.7,
                "× ",
            ));
        }
    }
    if let [few, .., many] = bench.plan.scales.as_slice() {
        let row = |doctors: usize| rounds.row(SLOTS, OURS, doctors, 1);
        if let (Some(small), Some(large)) = (row(*few), row(*many)) {
            part.facts.push(Fact::at_most(
                "free times, one client's p50 in the largest directory against the smallest",
                large.p50 / small.p50,
                1.15,
                " ×",
            ));
        }
    }
    bench.close(part, rounds)
}
