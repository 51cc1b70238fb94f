//! Ordinary words and usual names that a typing error in a name could seem to be.

/// Whether a folded word is an ordinary word or a usual name, so that it is taken for itself and not for another name misspelt.
pub(super) fn is_usual(folded: &[u8]) -> bool {
    str::from_utf8(folded).is_ok_and(|word| WORDS.contains(&word) || NAMES.contains(&word))
}

/// Words of everyday texts that are one letter, or one ending, away from usual names.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    // Scandinavian.
    "annan", "annat", "annars", "antal", "arende", "beskrivning", "bank", "bana", "bar", "bara", "berga", "bestall", "bilder", "bjork",
    "blomma", "borg", "bror", "brand", "branden", "daglig", "dagens", "dalig", "deras", "egen", "elever", "endag", "enkel", "enkelt",
    "eller", "faren", "finns", "fran", "fredag", "gamle", "gammal", "garden", "glad", "granne", "gunstig", "hallen", 
    "hand", "handel", "handen", "hansa", "harda", "helgen", "hemma", "henne", "hennes", "herr", "hallo", "holmen", "ingen", "ingens",
    "inget", "jakten", "juni", "juli", "julen", "kallad", "kalla", "kanske", "karta", "kista", "klaran", "klart", "komma",
    "lagen", "landa", "lange", "larm", "leverans", "linje", "ljus", "lunden", "maila", "marken", "mellan",
    "mellem", "mikro", "morgon", "morgen", "nasta", "nilar", "norden", "order", "orden", "pappa", "parken", "peng",
    "pengar", "personer", "planen", "roligt", "ronden", "rosen", "skola", "solen", "staden", "strand", "svart",
    "svensk", "svenska", "torget", "tyder", "unger", "vanlig", "varen", "vinter",
    // Finnish.
    "ainoa", "ainoan", "laina", "lainan", "marin", "onnea", "rajalla", "rajalta", "rajan", "saran", 
    // English.
    "steven", "brain", "bring", "right", "write", "white", "hello", "station",
];

/// Names of people that are one typing error away from other usual names.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "agneta", "aino", "aina", "alma", "amalia", "amelia", "anders", "andrea", "andreas", "anette", "anita", "anja", "anna", "anne", "annette",
    "annika", "anni", "annie", "antti", "arne", "arna", "arvid", "astrid", "barbro", "bengt", "berit", "birgit", "birgitta", "bjarne", "bjarni",
    "brian", "bryan", "camilla", "carina", "carl", "carlsson", "carola", "caroline", "carolina", "cecilia", "christian", "christina",
    "christine", "dan", "daniel", "daniela", "david", "ebba", "edit", "einar", "elin", "elina", "elisa", "elise", "ella", "ellen", "elna",
    "elsa", "else", "emil", "emilia", "emilie", "emma", "eric", "erica", "erik", "erika", "eva", "ewa", "fredrik", "fredrika", "frida", "gerd",
    "gerda", "greta", "grete", "gunnar", "gunvor", "hana", "hanna", "hanne", "hannes", "hannu", "hans", "hansen", "hansson", "harald", "heidi",
    "helena", "helene", "helga", "helge", "helgi", "henrik", "henrika", "hilda", "hilde", "inga", "inge", "inger", "ingrid", "irena", "irene",
    "jan", "jana", "janne", "jansen", "jari", "jens", "jensen", "joakim", "johan", "johann", "johanna", "johanne", "johansen", "johansson",
    "johnsson", "jon", "jonas", "jonsson", "jonna", "josef", "julia", "julie", "juhani", "kaisa", "karen", "kari", "karin", "karina",
    "karla", "karl", "karlsson", "karsten", "katarina", "katrina", "katrine", "kjell", "klara", "kristian", "kristin", "kristina",
    "kristine", "larsen", "larsson", "laura", "lauri", "leena", "lena", "lina", "linda", "lindberg", "lehtinen", "lehtonen", "lindgren", "lindqvist", "lindstrom",
    "line", "lisa", "lise", "louise", "lovisa", "lundberg", "lundgren", "lundqvist", "lundstrom", "magnus", "maja", "malin", "marcus",
    "maria", "marie", "marika", "marina", "martin", "martina", "mathias", "matias", "mikael", "mikaela", "minna", "monica", "monika", "nielsen",
    "nilsen", "nilsson",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual() {
        assert!(is_usual(b"annan") && is_usual(b"erika") && !is_usual(b"lindtsrom"));
    }
}
