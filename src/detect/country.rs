//! The countries whose numbers this module can read.

use std::str::FromStr;

/// A country whose telephone numbering plan is known here, by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    /// Sweden.
    SE,
    /// Denmark.
    DK,
    /// Norway.
    NO,
    /// Finland.
    FI,
    /// Iceland.
    IS,
}

/// The code names no country that this module can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not a supported country: expected `SE`, `DK`, `NO`, `FI` or `IS`")]
pub struct UnknownCountry {
    /// The code as it was given.
    pub code: String,
}

impl Country {
    /// Every country, in order.
    pub const ALL: [Country; 5] = [Country::SE, Country::DK, Country::NO, Country::FI, Country::IS];

    /// The ISO 3166-1 alpha-2 code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Country::SE => "SE",
            Country::DK => "DK",
            Country::NO => "NO",
            Country::FI => "FI",
            Country::IS => "IS",
        }
    }

    /// The telephone country code of ITU-T E.164, without prefix.
    pub const fn calling_code(self) -> &'static str {
        match self {
            Country::SE => "46",
            Country::DK => "45",
            Country::NO => "47",
            Country::FI => "358",
            Country::IS => "354",
        }
    }

    /// Whether numbers within the country are dialled with a leading `0` that falls away abroad.
    pub(super) const fn has_trunk_zero(self) -> bool {
        matches!(self, Country::SE | Country::FI)
    }
}

/// A set of countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Countries(u8);

impl Countries {
    /// Whether the country belongs to the set.
    #[inline]
    pub(super) const fn contains(self, country: Country) -> bool {
        self.0 >> (country as u8) & 1 == 1
    }

    /// The countries of the set, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = Country> {
        Country::ALL.into_iter().filter(move |country| self.contains(*country))
    }
}

impl<'c> FromIterator<&'c Country> for Countries {
    fn from_iter<I: IntoIterator<Item = &'c Country>>(countries: I) -> Self {
        Countries(countries.into_iter().fold(0, |set, country| set | 1 << (*country as u8)))
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    /// Reads the ISO code in upper or lower case.
    ///
    /// # Errors
    ///
    /// [`UnknownCountry`] for every other text.
    fn from_str(code: &str) -> Result<Self, UnknownCountry> {
        Country::ALL
            .into_iter()
            .find(|country| country.as_str().eq_ignore_ascii_case(code))
            .ok_or_else(|| UnknownCountry { code: code.to_owned() })
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_either_case() {
        assert_eq!("SE".parse(), Ok(Country::SE));
        assert_eq!("dk".parse(), Ok(Country::DK));
        assert_eq!("No".parse(), Ok(Country::NO));
        assert_eq!("FI".parse(), Ok(Country::FI));
        assert_eq!("is".parse(), Ok(Country::IS));
    }

    #[test]
    fn unknown_codes_say_what_is_expected() {
        let error = "DE".parse::<Country>().unwrap_err();
        assert_eq!(error.to_string(), "`DE` is not a supported country: expected `SE`, `DK`, `NO`, `FI` or `IS`");
        assert!("".parse::<Country>().is_err());
        assert!("SE ".parse::<Country>().is_err());
    }
}
