//! The site as people see it: every page in each of its states, for pictures, for axe-core and for Lighthouse.

mod axe;
mod lighthouse;
mod pictures;
mod staging;
mod stops;

use browser::{Browser, Page, Settings};

use crate::error::Result;

pub use axe::axe;
pub use lighthouse::{Lighthouses, lighthouse};
pub use pictures::{Pictures, pictures};
pub use staging::Stage;
pub use stops::{Stop, Then, Who};

/// How somebody looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Light,
    Dark,
    Phone,
    PhoneInTheDark,
}

impl Look {
    pub const ALL: [Self; 4] = [Self::Light, Self::Dark, Self::Phone, Self::PhoneInTheDark];

    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Phone => "phone",
            Self::PhoneInTheDark => "phone-dark",
        }
    }

    fn settings(self) -> Settings {
        let settings = Settings::new().reduced_motion();
        let settings = match self {
            Self::Light => settings,
            Self::Dark => settings.dark(),
            Self::Phone => settings.phone(),
            Self::PhoneInTheDark => settings.phone().dark(),
        };
        // A picture in a document needs no more pixels than the page has.
        settings.scale(1.0)
    }
}

/// The page of one stop, as this person of the stage sees it.
async fn visit(stage: &Stage, browser: &Browser, stop: &Stop, look: Look) -> Result<Page> {
    let person = browser.person_with(look.settings()).await?;
    for cookie in stage.cookies(stop.who) {
        person.take_cookie(&cookie).await?;
    }
    let path = stage.path(stop).await?;
    let page = person.open(&format!("{}{path}", stage.origin())).await?;
    for then in stop.then {
        match then {
            Then::Press(button) => page.within("main").press(button).await?,
            Then::Choose(label, option) => page.choose(label, option).await?,
        }
    }
    Ok(page)
}
