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
            amfetaminpreparat* anabol* bloddop* boldenon* dbol dianabol* dopad* dopar dopat doping* dopning* epodop* erytropoietin* \
            gendoping* gendopning* hormondop* klenbuterol* ligandrol* maskeringsmedel* masteron* meldonium* metandienon* muskelbyggande* \
            muskelpreparat nandrolon* ostarin* oxandrolon* prestationshöjande primobolan* prohormon* ryssfemma* ryssfemmor* sarmer sarms \
            sarmspreparat* stanozolol* tbol testosteronspruta* testosterontillskott* trenbolon* vistelserapport* wada wadas winstrol*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            avstängd avstängning* clenbuterol* efedra efedrin* epo genotropin* hgh hormonpreparat* insulinlikn* kosttillskott* kreatin* \
            maskerande peptidhormon* provet sarm somatropin* steroid* testosteron* tillväxthormon*",
    },
    // Danish.
    Group {
        confidence: 0.9,
        words: "\
            dopede fitnessdop* hormonmisbrug* karantænedømt* kondikriger* kosttilskudsdop* muskelmisbrug* muskelopbyg* \
            præstationsfremmende whereabout*",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            væksthormon*",
    },
    // Norwegian.
    Group {
        confidence: 0.9,
        words: "\
            clostebol* klostebol* muskelbyggende prestasjonsfremjande prestasjonsfremmende",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            veksthormon* vekstthormon*",
    },
    // Finnish.
    Group {
        confidence: 0.9,
        words: "\
            dopannut dopattu doupan* doupat* epohormoni* hemohes* hormonivalmiste* lihashormoni* piristeaine* plasmalaajent* \
            stanotsololi* suek suekin veridoping* veritankkau*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            efedriini* erytropoietiini* kasvuhormon* kilpailukielto*",
    },
    // Icelandic.
    Group {
        confidence: 0.9,
        words: "\
            anabólísk* bannlist* blóðdópun* dópað* dópuð* frammistöðubætandi keppnisbann* lyfjabann* lyfjaeftirlit* lyfjafall* \
            lyfjahneyksl* lyfjamisferl* lyfjamisnotkun* lyfjapróf* steralyf* steranotk* vefaukandi árangursbætandi",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            hormónalyf* stera sterar sterum testósterón* vaxtarhormón*",
    },
    // English.
    Group {
        confidence: 0.9,
        words: "\
            antidop* doped doper dopers erythropoietin methandrostenolone ukad usada",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            banned bsample ephedrine* hormone* modafinil sample samples stimulant* supplement* suspended urinalysis",
    },
];
