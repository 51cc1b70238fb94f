//! Words that speak of somebody's trade union membership.
//!
//! `*` ends a beginning: every word that begins so counts. Words are in lower case; a group is one language's, and what its neighbours
//! write alike stands once, in the first.

use super::Group;

/// The words, by language and confidence, sorted within each group.
pub(super) const WORDS: &[Group] = &[
    // Swedish.
    Group {
        confidence: 0.88,
        words: "\
            akademikeralliansen akademikerförbund* akassa akassan akavia arbetarrörelse* arbetslöshetskass* arbetsplatsklubb* \
            arbetsplatsombud* byggnadsarbetareförbund* centralorganisation* civilekonomerna elektrikerförbund* fackansluten fackanslutna \
            fackanslutning* fackavdelning* fackavgift* fackförbund* fackförening* fackklubb* facklig* fackmedlem* fackombud* fackpamp* \
            facktillhörighet fastighetsanställda* finansförbund* fysioterapeuterna förhandlingsombud* förtroendevald* hamnarbetarförbund* \
            handelsanställda* hotellfacket* huvudskyddsombud* ifmetall ingenjörsförbund* journalistförbund* jusek klubbordförand* \
            kollektivansluten kommunalarbetare* kommunals konfliktersättning* landsorganisation* livsmedelsarbetare* läkarförbund* \
            lärarförbund* lärarnas löneförhandling* medbestämmande* medlemsfack medlemskonflikt* metallarbetare* musikerförbund* \
            målarförbund* officersförbund* pappersindustriarbetare* pilotförening* polisförbund* sacoförening* sekoklubb* sekomedlem* \
            sjöbefäl* skogstjänstemän skyddsombud* sympatistrejk* syndikalist* tandläkarförbund* teaterförbund* tjänstemannaförbund* \
            tjänstemannaorganisation transportarbetare* unionenklubb* unionenmedlem* unionenombud* vildstrejk* vårdförbundsmed*",
    },
    // Swedish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            förbundet kollektivavtal* saco strejk* varsel vårdförbund*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            avtalsrörelse* blockad* byggnads facken facket fackets fastighets förhandling handels klubben kommunal ledarna lockout* \
            metall naturvetarna ombud tco transport turordning* unionen uppsagd varslad vision",
    },
    // Danish.
    Group {
        confidence: 0.88,
        words: "\
            afskedigelsesnævn* akassemedlem* arbejderbevægelse* arbejdskonflikt* arbejdsløshedskasse* arbejdsmiljørep* \
            arbejdsnedlæggelse* arbejdsretten* asemedlem* blikforbund* bupl byggefagenes djøf djøfmedlem* elforbund* fagbevægelse* \
            fagforening* faglige fagligt fagpolitisk* fagretlig* finansforbundet forhandlingsfællesskab* funktionærforbund* \
            funktionærforening* fællestillid* fængselsforbund* gymnasieskolernes handelsforbund* hkmedlem* hovedorganisation* \
            ingeniørforening* jernbaneforbund* jordemoderforening* journalistforbundet journalistforening* klubformand* kontorforbund* \
            krifa landsforbund* lockoutet lægeforening* lærerforbund* lærerforening* magisterforening* malerforbund* metalarbejder* \
            overenskomstforhandling* politiforbund* pædagogforbund* socialpædagoger* socialrådgiverforening* sygeplejeråd* \
            sympatikonflikt* tillidskvinde tillidsmand tillidsmanden tillidsmands* tillidsmænd tillidsrep* transportforbund*",
    },
    // Danish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            fagforbund* overenskomst*",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            foa forbund forbundet klubmøde konflikt kontingent metal organiseret prosa",
    },
    // Norwegian.
    Group {
        confidence: 0.88,
        words: "\
            akademikerne arbeidskamp* arbeidskonflikt* arbeidsmandsforbund* arbeidsnedlegg* barnevernsforbund* befalsforbund* \
            bygningsarbeider* econa elektrikerforening* elogit fagbevegelse* fagforeining* fagleg faglege fagorganis* fagrørsle* \
            fellesorganisasjon* finansforbundets finansforbundmedlem* forskerforbund* fysioterapeutforbund* handelogkontor \
            hjelpepleierforbund* hovedtillitsvalgt* hovedverneombud* hovudtillitsvald* jernbanemannsforb* jordmorforbund* journalistlag* \
            juristforbund* klubbleder* klubbleiar* landsorganisasjon* legeforening* lektorlag* lokkout* lokomotivmannsforbund* lærarlag* \
            lønnsforhandling* maskinistforbund* medbestemmelse* medråderett* metallarbeiderforening* musikernes negotia nito nitomedlem* \
            nnnforbund* nopef offisersforbund* organisasjonsprosent plasstillitsvalgt* postkom samfunnsviter* sjømannsforbund* \
            sjøoffisers* skuespillerforbund* sykepleierforbund* sympatistreik* tarifforhandling* tekna teknamedlem* tillitsmann \
            tillitsmannen tillitsvald* tillitsvalgt* transportarbeiderforbund* unioforbund* utdanningsforbund* verneombud* \
            yrkesorganisasjon* yrkestrafikkforbund* ytringsfriklubb*",
    },
    // Norwegian, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            fellesforbund* hovedtariff* lønnsoppgjør* streik* tariffavtale* tariffoppgjør* unio",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            delta forbundsmedlem* klubb lokallag oppsagt organisert parat permittert tariff uorganisert",
    },
    // Finnish.
    Group {
        confidence: 0.88,
        words: "\
            akava akavalai* akavan aliupseeriliit* ammattijärjest* ammattiliit* ammattiosasto* ammattiyhdisty* ayaktiivi* ayjäsen* \
            ayliike* ekonomiliit* farmasialiit* hammaslääkäriliit* insinööriliit* jhl jhljäsen* joukkosopimu* journalistiliit* \
            juristiliit* järjestäytymi* järjestäytyn* jäsenmaksuperin* kirkonalan kuntaliitonjäsen laivanpäällystö lakkoavustu* lakkoilu* \
            lakkovaht* lakkovaroitu* lastentarhanopettajaliit* liitonjäsen* liittojäsen* luottamusmie* luottamusvaltuut* lähihoitajaliit* \
            lääkäriliit* merimiesliit* merimiesunioni* metalliliit* metallityöväen näyttelijäliit* opettajaliit* pamjäsen* paperiliit* \
            pappisliit* poliisijärjest* poliisiliit* postiliit* psykologiliit* pääluottam* rakennusliit* rautatieläisten saarto \
            sairaanhoitajaliit* sttk superliit* sähköliit* taksiliit* tehy tehyjäsen* teollisuusliit* tessopimu* toimihenkilöliit* \
            toimihenkilöunion* tukilakko* työsulku* työsuojeluvalt* työttömyyskass* ulosmarssi* upseeriliit* vartijaliit* veturimiesliit* \
            veturimiesten ylityökielto*",
    },
    // Finnish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            erto keskusjärjest* lakko lakkoon lakossa neuvottelu* pamin työehto* työtaistel*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            irtisanottu jyty jäsenmaksu* liiton liitossa liitto liittoon loimu lomautettu luottamushenkilö* pam pardia sak",
    },
    // Icelandic.
    Group {
        confidence: 0.88,
        words: "\
            bhmfélag* blaðamannafélag* bsrb byggiðnfélag* eflingarfélag* einingariðja* fagfélag* fagfélög* flugfreyjufélag* \
            flugmannafélag* flugvirkjafélag* framsýnstéttar* félagsdóm* félagsgjald* félagsgjöld* félagsráðgjafafélag* \
            grunnskólakennarafélag* hagfræðingafélag* hlífarfélag* iðnaðarmannafélag* iðnfélag* iðnnemasamband* kennarafélag* \
            kennarasamband* kjarabarátt* kjarabót* kjararáð* leikskólakennarafélag* ljósmæðrafélag* lyfjafræðingafélag* læknafélag* \
            lögfræðingafélag* lögreglumannafélag* matvísfélag* málarafélag* múrarafélag* orlofssjóð* pípulagningafélag* rafiðnaðarfélag* \
            rafiðnaðarsamband* rafvirkjafélag* ríkissáttasemjar* sameyki sameykis sameykisfélag* samúðarverkfall* sjómannafélag* \
            sjómannasamband* sjúkraliðafélag* skipstjórnarmannafélag* slökkviliðsmannafélag* starfsgreinafélag* starfsgreinasamband* \
            starfsmannafélag* stéttarfélag* stéttarfélög* sálfræðingafélag* tannlæknafélag* trésmíðafélag* trúnaðarmann* trúnaðarmað* \
            trúnaðarmenn* tæknifræðingafélag* tónlistarkennarafélag* verkalýðs* verkbann* verkfræðingafélag* verkföll* \
            verslunarmannafélag* verzlunarmannafélag* vinnudeil* vinnuréttar* vinnustöðvun* viðskiptafræðingafélag* vélstjórafélag* \
            öryggistrúnaðarm*",
    },
    // Icelandic, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            alþýðusamband* kjaradeil* kjarasamning* kjaraviðræð* verkfall*",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            efling eflingar eflingu félagsmanna félagsmað* samband samningar sjómenn sjúkrasjóður uppsögn",
    },
    // English.
    Group {
        confidence: 0.88,
        words: "\
            aflcio afscme antiunion* aslef closedshop gmb nasuwt nonunion* nujmember* prounion* seiu shopsteward* strikebreak* \
            syndicalis* teamster* tradesunion tradeunion* ucu unionis* unioniz* unionmember* unionrep* usdaw walkout*",
    },
    // English, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            picket* strike strikers strikes tuc unions",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            ballot bargaining collective dues grievance* labour rep representative steward stewards striking union unison unite",
    },
];
