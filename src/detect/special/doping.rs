//! Words that speak of somebody's doping.
//!
//! `*` ends a beginning: every word that begins so counts. Words are in lower case; a group is one language's, and what its neighbours
//! write alike stands once, in the first.

use super::Group;

/// The words, by language and confidence, sorted within each group.
pub(super) const WORDS: &[Group] = &[
    // Swedish.
    Group {
        confidence: 0.9,
        words: "\
            amfetaminpreparat* anabol* antidoping* betablockerare* bloddop* boldenon* clenbuterol* dianabol* diuretika dopa dopad \
            dopade dopar dopat doping* dopning* efedrin* epodop* erytropoietin* furosemid* gendoping* gendopning* genotropin* \
            hormondop* hormonpreparat* insulinlikn* klenbuterol* maskerande maskeringsmedel* meldonium* metandienon* modafinil* \
            muskelbyggande* nandrolon* oxandrolon* peptidhormon* prestationshöjande prohormon* ryssfemma* ryssfemmor* sarms \
            sarmspreparat* somatropin* stanozolol* steroid* testosteronpreparat* testosteronspruta* testosterontillskott* \
            tillväxthormon* trenbolon* urinprov* vistelserapport* wada wadas winstrol*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            adrenalin avstängd avstängning* efedra epo hgh kosttillskott* kreatin* provet provsvar* sarm testosteron*",
    },
    // Danish.
    Group {
        confidence: 0.9,
        words: "\
            dopede hormonmisbrug* karantænedømt* kondikriger* muskelopbyg* præstationsfremmende væksthormon* whereabout*",
    },
    // Norwegian.
    Group {
        confidence: 0.9,
        words: "\
            clostebol* klostebol* muskelbyggende prestasjonsfremjande prestasjonsfremmende veksthormon* vekstthormon*",
    },
    // Finnish.
    Group {
        confidence: 0.9,
        words: "\
            dopannut dopattu doupan* doupat* efedriini* epohormoni* erytropoietiini* hemohes* hormonivalmiste* kasvuhormon* \
            kilpailukielto* lihashormoni* piristeaine* plasmalaajent* stanotsololi* suek suekin testosteroni* veridoping* \
            veritankkau*",
    },
    // Icelandic.
    Group {
        confidence: 0.9,
        words: "\
            bannlist* blóðdópun* dópað* dópuð* frammistöðubætandi hormónalyf* keppnisbann* lyfjabann* lyfjaeftirlit* lyfjafall* \
            lyfjahneyksl* lyfjamisferl* lyfjamisnotkun* lyfjapróf* stera steralyf* steranotkun* sterar sterum testósterón* \
            vaxtarhormón* vefaukandi árangursbætandi",
    },
    // English.
    Group {
        confidence: 0.9,
        words: "\
            antidope* doped doper dopers ephedrine* erythropoietin methandrostenolone ukad urinalysis usada",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            banned hormone* stimulant* supplement* suspended urine",
    },
];
