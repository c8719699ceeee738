//! The parameters of an address, as every call reads them.

/// The value of that name without spaces around it: of a repeated one the first counts, what is empty is absent.
pub fn given<'g>(pairs: &'g [(String, String)], name: &str) -> Option<&'g str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}
