//! IP and MAC addresses.
//!
//! Finds: IPv4 addresses of four octets, before `:port` and `/prefix`; IPv6 addresses with or without `::`, with an embedded IPv4
//! address or a zone (`fe80::1%eth0`); hardware addresses of six or eight pairs (`00:00:5e:00:53:01`, `00-00-5E-00-53-01`) or three fours
//! (`0000.5e00.5301`).
//!
//! Rule: octets from 0 to 255 without leading zeros, no further dotted number on either side. Four small numbers (`1.2.3.4`) may be a
//! version or a heading and count little without a word; beside `version`, `build` or a telephone's word they are none. Four pairs
//! without a leading 1 are a Danish or Norwegian telephone where those are read, unless a word of a network, a port or a log is near.
//! Loopback, unspecified, broadcast and mask addresses are nobody's. Six pairs must have one separator; an IPv6 address needs a group of three
//! hexadecimal digits, so that times of day are none.
//!
//! Source: RFC 791, RFC 1122 section 3.2.1.3; RFC 4291 section 2.2, RFC 4007 section 11; IEEE 802 EUI-48 and EUI-64. The examples use
//! the ranges for documentation of RFC 5737, RFC 3849 and RFC 7042.
//!
//! ```text
//! Inloggad från 192.0.2.17:443, nät 198.51.100.0/24 → Inloggad från [ip_address]:443, nät [ip_address]/24
//! IP: 203.0.113.7. → IP: [ip_address].
//! [2001:db8::1]:443, fe80::1%eth0, ::ffff:192.0.2.17 → [[ip_address]]:443, [ip_address], [ip_address]
//! MAC 00:00:5e:00:53:af, 00-00-5E-00-53-AF, 0000.5e00.53af → MAC [mac_address], [mac_address], [mac_address]
//! 127.0.0.1, 0.0.0.0, 255.255.255.0, ::1 → 127.0.0.1, 0.0.0.0, 255.255.255.0, ::1
//! Version 4.12.200.3, v1.2.3.4, 1.2.3.4.5, 256.1.1.1 → Version 4.12.200.3, v1.2.3.4, 1.2.3.4.5, 256.1.1.1
//! 10:30:15, 2024-01-15 10:30 → 10:30:15, 2024-01-15 10:30
//! ```

use std::net::Ipv6Addr;

use crate::detect::calendar::number;
use crate::detect::context::Meaning;
use crate::detect::digits::{DigitGroup, Page, Run, Separator};
use crate::detect::fold::Folded;
use crate::detect::placeholder;
use crate::detect::resolve::{Candidate, Validity};
use crate::detect::{Country, Kind};

/// How likely a token of a strict grammar is an address.
const STRICT: f32 = 0.97;

/// Offers the address that begins with this group, or whose first digits it is.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, _run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() <= 4) else { return };
    let next = page.groups.get(first + 1);
    if group.length() <= 3 && next.is_some_and(|next| next.before == Separator::Dot) {
        four_octets(page, first, found);
    }
    let bytes = page.bytes();
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.'));
    let before = group.start.checked_sub(1).and_then(|before| bytes.get(before));
    let after = bytes.get(group.end);
    if is_part(after) || is_part(before) {
        hexadecimal(page, group.start, found);
    }
}

/// `192.0.2.17`.
fn four_octets(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some([one, two, three, four]) = page.groups.get(first..first + 4) else { return };
    if two.before != Separator::Dot || three.before != Separator::Dot || four.before != Separator::Dot || one.before == Separator::Dot {
        return;
    }
    let bytes = page.bytes();
    let mut octets = [0; 4];
    for (octet, group) in octets.iter_mut().zip([one, two, three, four]) {
        let digits = &bytes[group.start..group.end];
        if digits.len() > 3 || (digits.len() > 1 && digits[0] == b'0') {
            return;
        }
        *octet = number(digits);
    }
    let (start, end) = (one.start, four.end);
    if octets.iter().any(|octet| *octet > 255) || !is_outside(page, start, end) {
        return;
    }
    if is_nobodys(octets) {
        found.push(Candidate::nobody(start, end, STRICT, Validity::Proven));
        return;
    }
    let word = word_before(page, start);
    let context = page.context(start, end);
    if is_among(word, &NUMBERED) {
        return;
    }
    if matches!(context.meaning, Some(Meaning::Reference | Meaning::Telephone | Meaning::Amount)) && context.immediate {
        return;
    }
    if is_telephone_in_pairs(page, [one, two, three, four], word) {
        return;
    }
    let largest = octets.iter().max().copied().unwrap_or(0);
    let is_private = octets[0] == 10 || octets[..2] == [192, 168];
    let confidence = match largest {
        _ if is_private || is_among(word, &NAMES) => STRICT,
        100.. => 0.95,
        32.. => 0.6,
        _ => 0.4,
    };
    found.push(Candidate::proven(start, end, Kind::IpAddress, confidence));
}

/// Four pairs are a Danish or Norwegian telephone (`61.40.88.25`), unless something speaks of an address or a log.
fn is_telephone_in_pairs(page: &Page<'_>, groups: [&DigitGroup; 4], word: &[u8]) -> bool {
    /// How far words of a network are looked for, in bytes.
    const NEAR: usize = 64;
    /// Folded words of a network, by their beginning.
    const NETWORK: [&str; 44] = [
        "ip",
        "adress",
        "address",
        "addr",
        "osoit",
        "host",
        "server",
        "palvelin",
        "klient",
        "client",
        "ping",
        "vpn",
        "dns",
        "dhcp",
        "gateway",
        "router",
        "ruter",
        "firewall",
        "brandvegg",
        "brandvagg",
        "brannmur",
        "nettverk",
        "natverk",
        "netvaerk",
        "network",
        "verkko",
        "ssh",
        "http",
        "get",
        "post",
        "login",
        "inlogg",
        "innlogg",
        "logg",
        "log",
        "kirjaut",
        "port",
        "src",
        "dst",
        "nat",
        "proxy",
        "subnet",
        "vlan",
        "connect",
    ];
    let [one, .., four] = groups;
    let reads = page.countries.contains(Country::DK) || page.countries.contains(Country::NO);
    let is_pairs = groups.iter().all(|group| group.length() == 2) && page.bytes().get(one.start).is_some_and(|first| *first >= b'2');
    if !reads || !is_pairs || is_among(word, &NAMES) {
        return false;
    }
    let after = page.text.get(four.end..).unwrap_or_default();
    // A port, a prefix, or the empty columns of a log.
    let is_port = matches!(after.as_bytes(), [b':' | b'/', digit, ..] if digit.is_ascii_digit()) || after.starts_with(" - -");
    let floor = page.text.ceil_char_boundary(one.start.saturating_sub(NEAR));
    // Words of a placeholder say nothing.
    let before = page.text.get(floor..one.start).and_then(|before| before.rsplit(['[', ']']).next());
    let around = [before, after.get(..after.floor_char_boundary(NEAR / 2)).and_then(|after| after.split(['[', ']']).next())];
    let speaks = |word: &str| {
        let folded = Folded::of(word);
        NETWORK.iter().any(|beginning| folded.as_str().starts_with(beginning))
    };
    !is_port && !around.into_iter().flatten().flat_map(|text| text.split(|letter: char| !letter.is_alphabetic())).any(speaks)
}

/// Loopback, unspecified, broadcast, and masks: ones, then zeros.
fn is_nobodys(octets: [u32; 4]) -> bool {
    let bits = octets.iter().fold(0_u32, |bits, octet| bits << 8 | octet & 0xff);
    octets[0] == 127 || octets[0] == 0 || bits.count_ones() == bits.leading_ones()
}

/// The word right before, or the last part of it behind a hyphen. A web address has no words.
fn word_before<'t>(page: &Page<'t>, start: usize) -> &'t [u8] {
    /// Longer words are none of those looked for.
    const LONGEST: usize = 20;
    let before = page.bytes()[start.saturating_sub(LONGEST)..start].trim_ascii_end();
    let before = before.strip_suffix(b":").or_else(|| before.strip_suffix(b".")).unwrap_or(before).trim_ascii_end();
    let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let (outer, token) = before.split_at(before.len() - length);
    match outer.last() {
        None if start > LONGEST => b"",
        None | Some(b' ' | b'\n' | b'\t' | b'(' | b',' | b';' | b'"') => {
            &token[token.iter().rposition(|byte| *byte == b'-').map_or(0, |hyphen| hyphen + 1)..]
        }
        Some(_) => b"",
    }
}

/// `IP 192.0.2.17`, `ip-adress: 192.0.2.17`.
const NAMES: [&[u8]; 16] = [
    b"ip",
    b"ipv",
    b"adress",
    b"adresse",
    b"adressen",
    b"osoite",
    b"osoitteesta",
    b"host",
    b"server",
    b"servern",
    b"tala",
    b"ping",
    b"vpn",
    b"client",
    b"from",
    b"dns",
];

/// `ver. 4.12.200.3`, `kap. 1.2.3.4`.
const NUMBERED: [&[u8]; 18] = [
    b"driver",
    b"drivrutin",
    b"v",
    b"ver",
    b"vers",
    b"version",
    b"versionen",
    b"versjon",
    b"versio",
    b"release",
    b"firmware",
    b"fw",
    b"build",
    b"kap",
    b"kapitel",
    b"punkt",
    b"avsnitt",
    b"section",
];

fn is_among(word: &[u8], list: &[&[u8]]) -> bool {
    list.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// Whether an address may begin and end here: not inside a longer token, not beside a placeholder.
fn is_outside(page: &Page<'_>, start: usize, end: usize) -> bool {
    let (before, after) = (&page.text[..start], &page.text[end..]);
    let left = match before.chars().next_back() {
        None => true,
        Some('-') => before[..before.len() - 1].chars().next_back().is_none_or(|further| further == ' ' || further.is_ascii_digit()),
        Some(']') => false,
        Some('.' | ':') => {
            let outer = before[..before.len() - 1].chars().next_back();
            !outer.is_some_and(|outer| outer.is_numeric() || matches!(outer, ']' | ':' | '.')) && !before.ends_with("0x:")
        }
        Some('_' | '+' | '#' | '%') => false,
        Some(other) => !other.is_alphanumeric(),
    };
    let right = match after.chars().next() {
        None => true,
        Some('-' | '.') => {
            let outer = after[1..].chars().next();
            // "192.0.2.1-192.0.2.9" is two, "1.2.3.4-beta" a version.
            !outer.is_some_and(|outer| outer.is_alphabetic() || outer == '[' || (after.starts_with('.') && outer.is_numeric()))
        }
        Some('[') => placeholder::at_start(after).is_none(),
        Some('_' | '@' | '%') => false,
        Some(other) => !other.is_alphanumeric(),
    };
    left && right
}

/// The longest token: eight groups of four, an embedded IPv4 address, and a zone.
const LONGEST: usize = 48;

/// Tokens of hexadecimal digits, whose first decimal digit stands at this byte.
fn hexadecimal(page: &Page<'_>, digit: usize, found: &mut Vec<Candidate>) {
    let bytes = page.bytes();
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
    let floor = digit.saturating_sub(LONGEST);
    let mut start = digit;
    while start > floor && is_part(&bytes[start - 1]) && !bytes[start - 1].is_ascii_digit() {
        start -= 1;
    }
    // Only the first digits of a token speak for it.
    if start == floor && floor > 0 || start > 0 && bytes[start - 1].is_ascii_digit() {
        return;
    }
    let ceiling = bytes.len().min(digit + LONGEST);
    let mut end = digit;
    while end < ceiling && is_part(&bytes[end]) {
        end += 1;
    }
    if end == digit + LONGEST {
        return;
    }
    // "MAC:00…": the label may end in hexadecimal digits.
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    if start > 0 && is_word(bytes[start - 1]) {
        match bytes[start..end].iter().position(|byte| *byte == b':') {
            Some(colon) if bytes.get(start + colon + 1) != Some(&b':') => start += colon + 1,
            _ => return,
        }
    }
    let mut token = bytes.get(start..end).unwrap_or_default();
    if !token.starts_with(b"::") {
        token = token.strip_prefix(b":").unwrap_or(token);
    }
    start = end - token.len();
    let run_end = end;
    while let [outer @ .., last] = token {
        if !matches!(last, b'.' | b'-') && (*last != b':' || token.ends_with(b"::")) {
            break;
        }
        token = outer;
    }
    end = start + token.len();
    if token.len() < 3 || bytes.get(end).is_some_and(|byte| is_word(*byte) || *byte == b'@') {
        return;
    }
    // An address of version six has two colons at least, a hardware address one of three lengths.
    if !matches!(token.len(), 14 | 17 | 23) && token.iter().filter(|byte| **byte == b':').count() < 2 {
        return;
    }
    let text = page.text;
    // A placeholder beside it, or behind one sign, may have been a part of it.
    let is_behind = |end: Option<usize>| end.and_then(|end| text.get(..end)).is_some_and(|before| placeholder::at_end(before).is_some());
    let is_before = |start: usize| text.get(start..).is_some_and(|after| placeholder::at_start(after).is_some());
    let is_beside = is_behind(Some(start)) || is_behind(start.checked_sub(1)) || is_before(end) || is_before(end + 1) || is_before(run_end);
    if let Some(confidence) = hardware(token) {
        let is_everybodys =
            token.iter().all(|byte| matches!(byte, b'f' | b'F' | b':' | b'-' | b'.')) || !token.iter().any(|byte| is_above_zero(*byte));
        found.push(match is_everybodys || is_beside {
            true => Candidate::nobody(start, end, STRICT, Validity::Proven),
            false => Candidate::proven(start, end, Kind::MacAddress, confidence),
        });
    } else if let Some(is_somebodys) = version_six(token) {
        let Some(zone) = zone(&bytes[end..]) else { return };
        let end = end + zone;
        found.push(match is_somebodys && !is_beside {
            true => Candidate::proven(start, end, Kind::IpAddress, STRICT),
            false => Candidate::nobody(start, end, STRICT, Validity::Proven),
        });
    }
}

fn is_above_zero(byte: u8) -> bool {
    byte.is_ascii_hexdigit() && byte != b'0'
}

/// Length of `%eth0`, if nothing is written onto it.
fn zone(after: &[u8]) -> Option<usize> {
    let Some(name) = after.strip_prefix(b"%") else { return Some(0) };
    let letters = name.iter().take(8).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let digits = name.iter().skip(letters).take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let next = name.get(letters + digits);
    let is_free =
        next.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b')' | b']' | b',' | b';' | b'.' | b'"' | b'\'' | b'/'));
    (digits > 0 && is_free).then_some(1 + letters + digits)
}

/// How likely a token is a hardware address, if it has the form of one.
fn hardware(token: &[u8]) -> Option<f32> {
    let (size, separator) = match (token.len(), token.get(2)?) {
        (17 | 23, separator @ (b':' | b'-')) => (2, *separator),
        (14, _) => (4, b'.'),
        _ => return None,
    };
    let mut letters = false;
    for (place, byte) in token.iter().enumerate() {
        let is_separator = place % (size + 1) == size;
        if is_separator != (*byte == separator) || (!is_separator && !byte.is_ascii_hexdigit()) {
            return None;
        }
        letters |= byte.is_ascii_alphabetic();
    }
    Some(match separator {
        _ if letters => STRICT,
        b':' => 0.85,
        _ => 0.5,
    })
}

/// Whether a token is an IPv6 address, and then whether it is somebody's.
fn version_six(token: &[u8]) -> Option<bool> {
    if !token.contains(&b':') {
        return None;
    }
    let address: Ipv6Addr = str::from_utf8(token).ok()?.parse().ok()?;
    if address.is_loopback() || address.is_unspecified() {
        return Some(false);
    }
    // A time or a ratio has no group of three.
    token.split(|byte| *byte == b':').any(|group| group.len() >= 3).then_some(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::{Country, examples};

    fn found(text: &str) -> Vec<(Kind, &str)> {
        let findings = crate::detect::examples::scanner(&Country::ALL).scan(text);
        findings
            .into_iter()
            .filter(|finding| finding.confidence >= 0.5)
            .map(|finding| (finding.kind, &text[finding.start..finding.end]))
            .collect()
    }

    fn check(text: &str, kind: Kind) {
        for (before, after) in [("", ""), ("IP: ", "."), ("(", ")"), ("host ", ", ok"), ("\"", "\"")] {
            let whole = format!("{before}{text}{after}");
            assert_eq!(found(&whole), [(kind, text)], "{whole}");
        }
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("network.rs"), &Country::ALL), 7);
    }

    #[test]
    fn text_forms_of_the_standards_are_found() {
        // RFC 4291 section 2.2, RFC 5952, RFC 3849, RFC 4007.
        for text in [
            "2001:DB8:0:0:8:800:200C:417A",
            "2001:db8::8:800:200c:417a",
            "FF01::101",
            "ff01:0:0:0:0:0:0:101",
            "::FFFF:129.144.52.38",
            "2001:db8:1:1:1:1:1:1",
            "2001:db8::",
            "fe80::1",
            "fe80::1%eth0",
            "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
        ] {
            check(text, Kind::IpAddress);
        }
        for text in ["192.0.2.17", "198.51.100.1", "10.0.0.12", "192.168.1.20", "172.16.254.3", "203.0.113.255"] {
            check(text, Kind::IpAddress);
        }
        for text in ["00:00:5e:00:53:01", "00-00-5E-00-53-FF", "0000.5e00.5301", "00:00:5E:EF:10:00:00:01", "aa:bb:cc:dd:ee:f0"] {
            check(text, Kind::MacAddress);
        }
    }

    #[test]
    fn ports_prefixes_and_ranges_are_left_outside() {
        assert_eq!(found("192.0.2.17:8080"), [(Kind::IpAddress, "192.0.2.17")]);
        assert_eq!(found("192.0.2.0/24"), [(Kind::IpAddress, "192.0.2.0")]);
        assert_eq!(found("2001:db8::/32"), [(Kind::IpAddress, "2001:db8::")]);
        assert_eq!(found("192.0.2.1-192.0.2.9").len(), 2);
        assert_eq!(found("IPv6:2001:db8::1"), [(Kind::IpAddress, "2001:db8::1")]);
        assert_eq!(found("MAC:00:00:5e:00:53:01"), [(Kind::MacAddress, "00:00:5e:00:53:01")]);
        assert_eq!(found("http://192.168.1.20/x"), [(Kind::IpAddress, "192.168.1.20")]);
    }

    #[test]
    fn what_only_looks_alike_is_left() {
        for text in [
            "1.2.3.4",
            "Version 120.0.200.71",
            "ver. 4.12.200.3",
            "v4.12.200.3",
            "4.12.200.3-beta",
            "192.0.2.256",
            "192.0.2.17.5",
            "1.192.0.2.17",
            "192.0.02.17",
            "15.01.2024",
            "1.234.567.89",
            "255.255.255.0",
            "255.255.240.0",
            "127.0.0.1",
            "10:30:15",
            "10:30:15:00:12:13:14:15:16",
            "10::30",
            "std::vec",
            "12-34-56",
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "00:00:5e-00:53:01",
            "00:00:5e:00:53",
            "00:00:5e:00:53:01:02",
            "00:00:5g:00:53:01",
            "550e8400-e29b-41d4-a716-446655440000",
            "2001:db8::1::2",
            "1:2:3:4:5:6:7",
            "12345::1",
            "::1",
            "[ip_address].4.5.6",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
        assert_eq!(found("tlf 22.33.44.55"), [(Kind::Phone, "22.33.44.55")]);
    }

    proptest! {
        #[test]
        fn every_address_is_found_as_the_standard_library_writes_it(bits in any::<u128>(), mac in any::<[u8; 6]>()) {
            let six = std::net::Ipv6Addr::from_bits(bits | 1 << 127).to_string();
            prop_assert_eq!(found(&six), [(Kind::IpAddress, six.as_str())]);
            let four = std::net::Ipv4Addr::from_bits(bits as u32 | 0x4000_0001).to_string();
            let is_mask = (bits as u32 | 0x4000_0001).leading_ones() == (bits as u32 | 0x4000_0001).count_ones();
            if !is_mask && !four.starts_with("127.") && four.split('.').any(|octet| octet.len() == 3) {
                prop_assert_eq!(found(&four), [(Kind::IpAddress, four.as_str())]);
            }
            for separator in [":", "-"] {
                let mac = [0x02, mac[1], mac[2], mac[3], mac[4], 0xab].map(|byte| format!("{byte:02x}")).join(separator);
                prop_assert_eq!(found(&mac), [(Kind::MacAddress, mac.as_str())]);
            }
        }
    }
}
