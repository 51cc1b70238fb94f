//! The biggest towns, by which a postcode is known for one.

use crate::detect::Country::{self, DK, FI, IS, NO, SE};

/// Folded names and their country, sorted. A name that two countries use stands for each.
#[rustfmt::skip]
const TOWNS: &[(&str, Country)] = &[
    ("aabenraa", DK), ("aalborg", DK), ("aanekoski", FI), ("aarhus", DK), ("abo", FI), ("akersberga", SE), ("akranes", IS),
    ("akranesi", IS), ("akureyri", IS), ("albertslund", DK), ("alborg", DK), ("alesund", NO), ("alingsas", SE), ("allerod", DK),
    ("alta", NO), ("alvsjo", SE), ("amal", SE), ("angelholm", SE), ("angered", SE), ("arboga", SE), ("are", SE), ("arendal", NO),
    ("arhus", DK), ("arsta", SE), ("arvika", SE), ("as", NO), ("asane", NO), ("asker", NO), ("askim", SE), ("askim", NO), ("askoy", NO),
    ("assens", DK), ("avesta", SE), ("baerum", NO), ("bagsvaerd", DK), ("ballerup", DK), ("bandhagen", SE), ("bastad", SE),
    ("bekkestua", NO), ("bergen", NO), ("billdal", SE), ("billund", DK), ("birkerod", DK), ("bjorneborg", FI), ("blonduos", IS),
    ("blonduosi", IS), ("boden", SE), ("bodo", NO), ("bollnas", SE), ("bolungarvik", IS), ("bomlo", NO), ("boras", SE), ("borga", FI),
    ("borgarnes", IS), ("borgarnesi", IS), ("borlange", SE), ("brande", DK), ("bromma", SE), ("brondby", DK), ("bronderslev", DK),
    ("bronshoj", DK), ("brumunddal", NO), ("bryne", NO), ("charlottenlund", DK), ("dalvik", IS), ("danderyd", SE), ("dragor", DK),
    ("drammen", NO), ("drobak", NO), ("ebeltoft", DK), ("egersund", NO), ("egilsstadir", IS), ("egilsstodum", IS), ("ekenas", FI),
    ("elverum", NO), ("enkoping", SE), ("enskede", SE), ("esbjerg", DK), ("esbo", FI), ("eskifirdi", IS), ("eskifjordur", IS),
    ("eskilstuna", SE), ("eslov", SE), ("espergaerde", DK), ("espoo", FI), ("eyrarbakki", IS), ("faaborg", DK), ("fagersta", SE),
    ("falkenberg", SE), ("falkoping", SE), ("falun", SE), ("farsta", SE), ("farum", DK), ("finnsnes", NO), ("finspang", SE),
    ("flekkefjord", NO), ("floda", SE), ("floro", NO), ("forde", NO), ("fornebu", NO), ("forssa", FI), ("fredensborg", DK),
    ("fredericia", DK), ("frederiksberg", DK), ("frederikshavn", DK), ("frederikssund", DK), ("fredrikstad", NO), ("fyllingsdalen", NO),
    ("gallivare", SE), ("gardabae", IS), ("gardabaer", IS), ("gardur", IS), ("gavle", SE), ("gentofte", DK), ("gjovik", NO),
    ("gladsaxe", DK), ("glostrup", DK), ("goteborg", SE), ("grankulla", FI), ("grenaa", DK), ("greve", DK), ("grimstad", NO),
    ("grindavik", IS), ("grindsted", DK), ("grundarfirdi", IS), ("grundarfjordur", IS), ("gustavsberg", SE), ("haderslev", DK),
    ("hafnarfirdi", IS), ("hafnarfjordur", IS), ("hagersten", SE), ("halden", NO), ("halmstad", SE), ("hamar", NO), ("hameenlinna", FI),
    ("hamina", FI), ("hammel", DK), ("hammerfest", NO), ("handen", SE), ("hango", FI), ("haninge", SE), ("hanko", FI), ("haparanda", SE),
    ("harnosand", SE), ("harstad", NO), ("haslev", DK), ("hasselby", SE), ("hassleholm", SE), ("haugesund", NO), ("hedehusene", DK),
    ("hedemora", SE), ("heimdal", NO), ("heinola", FI), ("hella", IS), ("hellerup", DK), ("hellu", IS), ("helsingborg", SE),
    ("helsingfors", FI), ("helsingor", DK), ("helsinki", FI), ("herning", DK), ("hillerod", DK), ("hisingsbacka", SE), ("hjallerup", DK),
    ("hjorring", DK), ("hobro", DK), ("hofn", IS), ("hoganas", SE), ("hojbjerg", DK), ("holbaek", DK), ("hollola", FI), ("holstebro", DK),
    ("holte", DK), ("honefoss", NO), ("horsens", DK), ("horsholm", DK), ("horten", NO), ("hovik", NO), ("huddinge", SE),
    ("hudiksvall", SE), ("humlebaek", DK), ("husavik", IS), ("hvammstanga", IS), ("hvammstangi", IS), ("hveragerdi", IS),
    ("hvidovre", DK), ("hvolsvelli", IS), ("hvolsvollur", IS), ("hyvinkaa", FI), ("iisalmi", FI), ("ikast", DK), ("ilulissat", DK),
    ("imatra", FI), ("inari", FI), ("inga", FI), ("inkoo", FI), ("isafirdi", IS), ("isafjordur", IS), ("ishoj", DK), ("ivalo", FI),
    ("jakobstad", FI), ("jarfalla", SE), ("jarvenpaa", FI), ("jessheim", NO), ("joensuu", FI), ("johanneshov", SE), ("jonkoping", SE),
    ("jyvaskyla", FI), ("kaarina", FI), ("kajaani", FI), ("kalix", SE), ("kalmar", SE), ("kalundborg", DK), ("kangasala", FI),
    ("karis", FI), ("karleby", FI), ("karlshamn", SE), ("karlskoga", SE), ("karlskrona", SE), ("karlstad", SE), ("kastrup", DK),
    ("katrineholm", SE), ("kauniainen", FI), ("keflavik", IS), ("kemi", FI), ("kerava", FI), ("kiiminki", FI), ("kirkenes", NO),
    ("kirkkonummi", FI), ("kiruna", SE), ("kista", SE), ("klaksvik", DK), ("klampenborg", DK), ("kleppe", NO), ("kobenhavn", DK),
    ("koge", DK), ("kokkola", FI), ("kolbotn", NO), ("kolding", DK), ("kongsberg", NO), ("kongsvinger", NO), ("kopavogi", IS),
    ("kopavogur", IS), ("koping", SE), ("korpilahti", FI), ("korsor", DK), ("kotka", FI), ("kouvola", FI), ("kragero", NO),
    ("kramfors", SE), ("kristiansand", NO), ("kristianstad", SE), ("kristiansund", NO), ("kristinehamn", SE), ("kristinestad", FI),
    ("kuhmo", FI), ("kumla", SE), ("kungalv", SE), ("kungsbacka", SE), ("kuopio", FI), ("kustavi", FI), ("kuusamo", FI),
    ("kyrkslatt", FI), ("laholm", SE), ("lahti", FI), ("lahtis", FI), ("lakselv", NO), ("landskrona", SE), ("lappeenranta", FI),
    ("larvik", NO), ("laukaa", FI), ("leirvik", NO), ("leknes", NO), ("leksand", SE), ("lempaala", FI), ("lemvig", DK), ("lerum", SE),
    ("levanger", NO), ("lidingo", SE), ("lidkoping", SE), ("lieksa", FI), ("lillehammer", NO), ("lillerod", DK), ("lillesand", NO),
    ("lillestrom", NO), ("linkoping", SE), ("ljungby", SE), ("ljusdal", SE), ("lohja", FI), ("lomma", SE), ("lorenskog", NO),
    ("loviisa", FI), ("lovisa", FI), ("ludvika", SE), ("lulea", SE), ("lund", SE), ("lycksele", SE), ("lyngby", DK), ("lysaker", NO),
    ("lysekil", SE), ("maarianhamina", FI), ("malmo", SE), ("mandal", NO), ("mantsala", FI), ("maribo", DK), ("mariehamn", FI),
    ("mariestad", SE), ("marsta", SE), ("middelfart", DK), ("mikkeli", FI), ("mjolby", SE), ("molde", NO), ("molndal", SE), ("mora", SE),
    ("mosfellsbae", IS), ("mosfellsbaer", IS), ("mosjoen", NO), ("moss", NO), ("motala", SE), ("mysen", NO), ("naantali", FI),
    ("nacka", SE), ("nadendal", FI), ("naestved", DK), ("nakskov", DK), ("namsos", NO), ("narpes", FI), ("narvik", NO), ("nassjo", SE),
    ("neskaupstad", IS), ("neskaupstadur", IS), ("nesoddtangen", NO), ("nesttun", NO), ("nittedal", NO), ("njardvik", IS), ("nokia", FI),
    ("norrkoping", SE), ("norrtalje", SE), ("notodden", NO), ("nurmes", FI), ("nurmijarvi", FI), ("nuuk", DK), ("nyborg", DK),
    ("nybro", SE), ("nykarleby", FI), ("nykobing", DK), ("nykoping", SE), ("nynashamn", SE), ("odense", DK), ("olafsfirdi", IS),
    ("olafsfjordur", IS), ("olafsvik", IS), ("olofstrom", SE), ("olstykke", DK), ("oppdal", NO), ("orebro", SE), ("orkanger", NO),
    ("orkdal", NO), ("ornskoldsvik", SE), ("orsta", NO), ("oskarshamn", SE), ("oslo", NO), ("ostersund", SE), ("otta", NO), ("oulu", FI),
    ("pargas", FI), ("partille", SE), ("patreksfirdi", IS), ("patreksfjordur", IS), ("pello", FI), ("pietarsaari", FI), ("pirkkala", FI),
    ("pitea", SE), ("pori", FI), ("porsgrunn", NO), ("porvoo", FI), ("raahe", FI), ("raisio", FI), ("rana", NO), ("randers", DK),
    ("ranheim", NO), ("raseborg", FI), ("raufoss", NO), ("rauma", FI), ("reydarfirdi", IS), ("reydarfjordur", IS), ("reykjanesbae", IS),
    ("reykjanesbaer", IS), ("reykjavik", IS), ("reykjavikur", IS), ("ribe", DK), ("riihimaki", FI), ("ringsted", DK), ("risor", NO),
    ("risskov", DK), ("rjukan", NO), ("rodovre", DK), ("ronne", DK), ("ronneby", SE), ("roros", NO), ("roskilde", DK), ("rovaniemi", FI),
    ("rudkobing", DK), ("saffle", SE), ("sala", SE), ("salo", FI), ("saltsjobaden", SE), ("sandefjord", NO), ("sandgerdi", IS),
    ("sandnes", NO), ("sandvika", NO), ("sandviken", SE), ("sarpsborg", NO), ("saudarkroki", IS), ("saudarkrokur", IS),
    ("savonlinna", FI), ("seinajoki", FI), ("selfoss", IS), ("selfossi", IS), ("seltjarnarnes", IS), ("seltjarnarnesi", IS),
    ("seydisfirdi", IS), ("seydisfjordur", IS), ("sibbo", FI), ("siglufirdi", IS), ("siglufjordur", IS), ("siilinjarvi", FI),
    ("silkeborg", DK), ("simrishamn", SE), ("sipoo", FI), ("sisimiut", DK), ("skaelskor", DK), ("skagen", DK), ("skanderborg", DK),
    ("skara", SE), ("skelleftea", SE), ("ski", NO), ("skien", NO), ("skive", DK), ("skovde", SE), ("slagelse", DK), ("soborg", DK),
    ("sodankyla", FI), ("soderhamn", SE), ("sodertalje", SE), ("sogndal", NO), ("sola", NO), ("solleftea", SE), ("sollentuna", SE),
    ("solna", SE), ("solrod", DK), ("solvesborg", SE), ("sonderborg", DK), ("soro", DK), ("sortland", NO), ("sotkamo", FI),
    ("spanga", SE), ("stabekk", NO), ("staffanstorp", SE), ("stavanger", NO), ("steinkjer", NO), ("stjordal", NO), ("stockholm", SE),
    ("stokkseyri", IS), ("stord", NO), ("strangnas", SE), ("strommen", NO), ("stromstad", SE), ("struer", DK), ("stryn", NO),
    ("stykkisholmi", IS), ("stykkisholmur", IS), ("sundbyberg", SE), ("sundsvall", SE), ("sveg", SE), ("svendborg", DK), ("svolvaer", NO),
    ("taastrup", DK), ("taby", SE), ("tammerfors", FI), ("tammisaari", FI), ("tampere", FI), ("thisted", DK), ("thorlakshofn", IS),
    ("tilst", DK), ("tonder", DK), ("tonsberg", NO), ("tornio", FI), ("torshavn", DK), ("torslanda", SE), ("tranas", SE),
    ("trelleborg", SE), ("trollhattan", SE), ("tromso", NO), ("trondheim", NO), ("tumba", SE), ("turku", FI), ("tuusula", FI),
    ("tynset", NO), ("tyreso", SE), ("uddevalla", SE), ("uleaborg", FI), ("ulricehamn", SE), ("ulsteinvik", NO), ("umea", SE),
    ("upplands-vasby", SE), ("uppsala", SE), ("uusikaupunki", FI), ("vaasa", FI), ("vadso", NO), ("vaerlose", DK), ("valby", DK),
    ("valkeakoski", FI), ("vallentuna", SE), ("vallingby", SE), ("vamdrup", DK), ("vanda", FI), ("vanersborg", SE), ("vanlose", DK),
    ("vantaa", FI), ("varberg", SE), ("varde", DK), ("varkaus", FI), ("varmdo", SE), ("varnamo", SE), ("vasa", FI), ("vasteras", SE),
    ("vastervik", SE), ("vaxjo", SE), ("vedbaek", DK), ("vejen", DK), ("vejle", DK), ("vellinge", SE), ("vennesla", NO), ("verdal", NO),
    ("vestby", NO), ("vestmannaeyjar", IS), ("vestmannaeyjum", IS), ("vestnes", NO), ("vetlanda", SE), ("viborg", DK), ("viby", DK),
    ("vihti", FI), ("vik", IS), ("vikersund", NO), ("virum", DK), ("visby", SE), ("vogar", IS), ("volda", NO), ("vordingborg", DK),
    ("voss", NO), ("ylojarvi", FI), ("ystad", SE),
];

/// Short forms of towns, folded, and their country, sorted.
#[rustfmt::skip]
const SHORT: &[(&str, Country)] = &[
    ("ak", IS), ("egilsst", IS), ("esb", DK), ("eskif", IS), ("frb", DK), ("gbae", IS), ("gbg", SE), ("hafnarf", IS), ("hbg", SE),
    ("hfj", IS), ("hfors", FI), ("hki", FI), ("hml", FI), ("isaf", IS), ("jkl", FI), ("jkpg", SE), ("jns", FI), ("kbh", DK),
    ("kbhvn", DK), ("kop", IS), ("kpo", FI), ("krsand", NO), ("lkpg", SE), ("lpr", FI), ("mosf", IS), ("nkpg", SE), ("reykjanesb", IS),
    ("rvk", IS), ("seltj", IS), ("sjk", FI), ("sthlm", SE), ("sthm", SE), ("tku", FI), ("trd", NO), ("tre", FI), ("trh", NO),
    ("vestm", IS),
];

/// Whether a folded word is the short form of a town of one of these countries.
pub(super) fn is_short(folded: &str, of: impl Fn(Country) -> bool) -> bool {
    SHORT.binary_search_by_key(&folded, |(name, _)| name).ok().and_then(|index| SHORT.get(index)).is_some_and(|(_, country)| of(*country))
}

/// Whether a folded name is that of a town of one of these countries.
pub(super) fn is_town(folded: &str, of: impl Fn(Country) -> bool) -> bool {
    let first = TOWNS.partition_point(|(name, _)| *name < folded);
    TOWNS.iter().skip(first).take_while(|(name, _)| *name == folded).any(|(_, country)| of(*country))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_are_sorted_and_stand_once() {
        assert!(TOWNS.is_sorted_by(|a, b| a < b) && SHORT.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_name_may_belong_to_two_countries() {
        assert!(is_town("goteborg", |country| country == SE) && !is_town("goteborg", |country| country == DK));
        assert!(is_town("reykjavik", |_| true) && !is_town("exempelstad", |_| true));
    }
}
