//! Messages to people and clinics: rendered, sent and recorded by jobs only.
