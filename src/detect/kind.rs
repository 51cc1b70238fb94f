//! What a finding is, and sets of such kinds.

/// What a finding is.
///
/// The order keeps reports stable; it says nothing of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A national identity number (personnummer, CPR, fødselsnummer, henkilötunnus, kennitala), also where it is the number of a sole
    /// trader's company.
    NationalId,
    /// A person's name.
    Name,
    /// Any other identifier of a known subject: a customer number, a membership number.
    Identifier,
    /// A street address, or a postcode with its town.
    Address,
    /// An international bank account number.
    Iban,
    /// A national bank account: bankgiro, plusgiro, clearing and account number, kontonummer.
    BankAccount,
    /// A payment card's number.
    Card,
    /// A web address that carries a token, a name or another personal value.
    Url,
    /// A user name: `@name`.
    Handle,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// The hardware address of a network interface.
    MacAddress,
    /// The number of a mobile telephone set.
    Imei,
    /// A vehicle's registration plate.
    VehiclePlate,
    /// A word that speaks of somebody's health: a flag, never replaced.
    Health,
    /// A word that speaks of trade union membership: a flag, never replaced.
    Union,
    /// A word that speaks of somebody's belief: a flag, never replaced.
    Religion,
    /// A word that speaks of doping: a flag, never replaced.
    Doping,
    /// A word that speaks of crime: a flag, never replaced.
    Crime,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Kind; 20] = [
        Kind::Email,
        Kind::Phone,
        Kind::NationalId,
        Kind::Name,
        Kind::Identifier,
        Kind::Address,
        Kind::Iban,
        Kind::BankAccount,
        Kind::Card,
        Kind::Url,
        Kind::Handle,
        Kind::IpAddress,
        Kind::MacAddress,
        Kind::Imei,
        Kind::VehiclePlate,
        Kind::Health,
        Kind::Union,
        Kind::Religion,
        Kind::Doping,
        Kind::Crime,
    ];

    /// The kind's name in reports and counters, for example `national_id`.
    pub const fn as_str(self) -> &'static str {
        let placeholder = self.placeholder();
        // The name is what stands between the brackets, so that the two can not part.
        let (_, name) = placeholder.split_at(1);
        name.split_at(name.len() - 1).0
    }

    /// The text that takes a finding's place, for example `[national_id]`.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Kind::Email => "[email]",
            Kind::Phone => "[phone]",
            Kind::NationalId => "[national_id]",
            Kind::Name => "[name]",
            Kind::Identifier => "[identifier]",
            Kind::Address => "[address]",
            Kind::Iban => "[iban]",
            Kind::BankAccount => "[bank_account]",
            Kind::Card => "[card]",
            Kind::Url => "[url]",
            Kind::Handle => "[handle]",
            Kind::IpAddress => "[ip_address]",
            Kind::MacAddress => "[mac_address]",
            Kind::Imei => "[imei]",
            Kind::VehiclePlate => "[vehicle_plate]",
            Kind::Health => "[health]",
            Kind::Union => "[union]",
            Kind::Religion => "[religion]",
            Kind::Doping => "[doping]",
            Kind::Crime => "[crime]",
        }
    }

    /// Whether the kind only flags what a text speaks of (the special categories of GDPR Article 9, crime of Article 10, doping).
    pub const fn is_flag(self) -> bool {
        matches!(self, Kind::Health | Kind::Union | Kind::Religion | Kind::Doping | Kind::Crime)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The name is no kind's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a kind of finding")]
pub struct UnknownKind {
    /// The name as it was given.
    pub name: String,
}

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| UnknownKind { name: name.to_owned() })
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// Every kind.
    pub const ALL: Kinds = Kinds((1 << Kind::ALL.len()) - 1);
    /// No kind.
    pub const NONE: Kinds = Kinds(0);

    /// Everything that is replaced in a text: all but the flags.
    pub fn replaced() -> Kinds {
        Kind::ALL.into_iter().filter(|kind| !kind.is_flag()).collect()
    }

    /// The flags.
    pub fn flags() -> Kinds {
        Kind::ALL.into_iter().filter(|kind| kind.is_flag()).collect()
    }

    /// Whether the kind belongs to the set.
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 >> (kind as u32) & 1 == 1
    }

    /// Whether one of the kinds belongs to both sets.
    pub const fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        Kinds(kinds.into_iter().fold(0, |set, kind| set | 1 << (kind as u32)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholder_is_the_name_in_brackets() {
        for kind in Kind::ALL {
            assert_eq!(kind.placeholder(), format!("[{}]", kind.as_str()));
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert!("[name]".parse::<Kind>().is_err());
    }

    #[test]
    fn kinds_are_listed_in_order_and_once() {
        assert!(Kind::ALL.is_sorted_by(|a, b| a < b));
        assert!(Kind::ALL.iter().all(|kind| Kinds::ALL.contains(*kind) && !Kinds::NONE.contains(*kind)));
    }

    #[test]
    fn flags_are_not_replaced() {
        for kind in Kind::ALL {
            assert_eq!(Kinds::replaced().contains(kind), !kind.is_flag(), "{kind}");
        }
    }
}
