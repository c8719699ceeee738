//! The description of the API and the API are about the same addresses.

use axum::http::Method;
use testkit::{Kind, TestApp};

testkit::both!(every_described_address_answers);

/// A method that no address has is answered by the list of those it has.
async fn every_described_address_answers(kind: Kind) {
    let app = TestApp::start(kind).await;
    let description = app.door().get("/api/openapi.json").await.ok().json();
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() >= 9, "{:?}", paths.keys());
    for (path, described) in paths {
        let place = path.split('/').map(|part| if part.starts_with('{') { "00000000-0000-4000-8000-000000000000" } else { part });
        let place = format!("/api/v1{}", place.collect::<Vec<_>>().join("/"));
        let answer = app.door().send(Method::PUT, &place, &[], Vec::new()).await;
        assert_eq!(answer.status, 405, "{place}");
        for method in ["get", "post", "patch", "delete"] {
            let allowed = answer.header("allow").to_lowercase().split(',').any(|one| one.trim() == method);
            assert_eq!(described.get(method).is_some(), allowed, "{method} {path}");
        }
    }
}
