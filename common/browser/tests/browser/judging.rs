//! What axe-core and Lighthouse say of a page.

use browser::{Lighthouse, Settings};

use super::{Site, visit, visit_with};

#[tokio::test]
async fn what_keeps_people_from_using_a_page_is_found() {
    for settings in [Settings::new(), Settings::new().javascript(false).phone()] {
        let visit = visit_with("/unfair", settings).await;
        let violations = visit.page.axe().await.unwrap();
        let rules: Vec<&str> = violations.iter().map(|violation| violation.rule.as_str()).collect();
        for rule in ["image-alt", "label", "color-contrast"] {
            assert!(rules.contains(&rule), "{rule} in {rules:?}");
        }
        let image = violations.iter().find(|violation| violation.rule == "image-alt").unwrap();
        assert_eq!(image.impact.as_deref(), Some("critical"));
        assert_eq!(image.nodes[0].selector, "img");
        assert!(image.to_string().contains("alternative text"), "{image}");
    }
}

#[tokio::test]
async fn a_page_that_anybody_can_use_has_no_violations() {
    let visit = visit("/form").await;
    let violations = visit.page.axe().await.unwrap();
    assert!(violations.is_empty(), "{violations:?}");
}

#[tokio::test]
async fn a_page_is_looked_at_whatever_its_policy_is_and_notices_nothing() {
    let visit = visit("/strict").await;
    visit.page.forget_console_errors();
    let violations = visit.page.axe().await.unwrap();
    assert!(violations.iter().any(|violation| violation.rule == "image-alt"));
    assert!(visit.page.console_errors().is_empty(), "{:?}", visit.page.console_errors());
    assert_eq!(visit.page.evaluate("typeof axe").await.unwrap(), "undefined");
}

#[tokio::test]
async fn without_javascript_it_stays_without_after_axe_looked() {
    let visit = visit_with("/scripted", Settings::new().javascript(false)).await;
    visit.page.axe().await.unwrap();
    assert!(visit.page.sees("Without scripts").await.unwrap());
    visit.page.reload().await.unwrap();
    assert!(visit.page.sees("Without scripts").await.unwrap());
}

#[tokio::test]
async fn lighthouse_gives_four_marks_and_its_reasons() {
    let site = Site::start().await;
    let folder = tempfile::tempdir().unwrap();
    let lighthouse = Lighthouse::new().header("Cookie", "who=ana");
    let report = lighthouse.look_at(&site.url("/unfair"), folder.path().join("unfair")).await.unwrap();
    assert!(report.performance > 0 && report.best_practices > 0 && report.seo > 0, "{report:?}");
    assert!((1..100).contains(&report.accessibility), "{report:?}");
    let image = report.findings.iter().find(|finding| finding.audit == "image-alt").unwrap();
    assert!(image.details.iter().any(|detail| detail.contains("<img")), "{image}");
    assert!(std::fs::read_to_string(&report.html).unwrap().contains("Lighthouse"));
    let whole = std::fs::read_to_string(&report.json).unwrap();
    assert!(whole.contains(r#""formFactor": "mobile""#));
    assert!(whole.contains("who=ana"));
}

#[tokio::test]
async fn lighthouse_says_why_there_are_no_marks() {
    let site = Site::start().await;
    let folder = tempfile::tempdir().unwrap();
    let url = site.url("/missing");
    let error = Lighthouse::new().desktop().look_at(&url, folder.path().join("none")).await.unwrap_err();
    assert!(error.to_string().contains("prevented page load"), "{error}");
}
