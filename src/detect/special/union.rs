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
            arbetsplatsombud* byggnadsarbetareförbund* centralorganisation* civilekonomerna elektrikerförbund* fackansluten \
            fackanslutna fackanslutning* fackavdelning* fackavgift* fackförbund* fackförening* fackklubb* facklig* fackmedlem* \
            fackombud* fackpamp* fastighetsanställda* finansförbund* fysioterapeuterna förhandlingsombud* förtroendevald* \
            hamnarbetarförbund* handelsanställda* hotellfacket* huvudskyddsombud* ifmetall ingenjörsförbund* journalistförbund* \
            jusek klubbordförand* kollektivansluten kollektivavtal* kommunalarbetare* kommunals konfliktersättning* \
            landsorganisation* livsmedelsarbetare* läkarförbund* lärarförbund* lärarnas löneförhandling* medbestämmande* medlemsfack \
            medlemskonflikt* metallarbetare* musikerförbund* målarförbund* officersförbund* pappersindustriarbetare* pilotförening* \
            polisförbund* saco sacoförening* sekoklubb* sjöbefäl* skogstjänstemän skyddsombud* strejk* sympatistrejk* syndikalist* \
            tandläkarförbund* teaterförbund* tjänstemannaförbund* tjänstemannaorganisation transportarbetare* unionenklubb* \
            unionenmedlem* unionenombud* vildstrejk* vårdförbund*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            avtalsrörelse* blockad* byggnads facken facket fackets fastighets förbundet förhandling handels klubben kommunal ledarna \
            lockout* metall naturvetarna ombud tco transport turordning* unionen uppsagd varsel varslad vision",
    },
    // Danish.
    Group {
        confidence: 0.88,
        words: "\
            afskedigelsesnævn* akassemedlem* arbejderbevægelse* arbejdskonflikt* arbejdsløshedskasse* arbejdsmiljørepræsentant* \
            arbejdsnedlæggelse* arbejdsretten* asemedlem* blikforbund* bupl byggefagenes djøf djøfmedlem* elforbund* fagbevægelse* \
            fagforbund* fagforening* faglige fagligt fagpolitisk* fagretlig* finansforbundet forhandlingsfællesskab* \
            funktionærforbund* funktionærforening* fællestillid* fængselsforbund* gymnasieskolernes handelsforbund* hkmedlem* \
            hovedorganisation* ingeniørforening* jernbaneforbund* jordemoderforening* journalistforbundet journalistforening* \
            klubformand* kontorforbund* krifa landsforbund* lockoutet lægeforening* lærerforbund* lærerforening* magisterforening* \
            malerforbund* metalarbejder* overenskomstforhandling* politiforbund* pædagogforbund* socialpædagoger* \
            socialrådgiverforening* sygeplejeråd* sympatikonflikt* tillidskvinde tillidsmand tillidsmanden tillidsmands* tillidsmænd \
            tillidsrepræsentant* transportforbund*",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            foa forbund forbundet klubmøde konflikt kontingent organiseret overenskomst* prosa",
    },
    // Norwegian.
    Group {
        confidence: 0.88,
        words: "\
            akademikerne arbeidskamp* arbeidskonflikt* arbeidsmandsforbund* arbeidsnedlegg* barnevernsforbund* befalsforbund* \
            bygningsarbeider* econa elektrikerforening* elogit fagbevegelse* fagforeining* fagleg faglege fagorganis* fagrørsle* \
            fellesforbund* fellesorganisasjon* finansforbundets finansforbundmedlem* forskerforbund* fysioterapeutforbund* \
            handelogkontor hjelpepleierforbund* hovedtariff* hovedtillitsvalgt* hovedverneombud* hovudtillitsvald* \
            jernbanemannsforb* jordmorforbund* journalistlag* juristforbund* klubbleder* klubbleiar* landsorganisasjon* \
            legeforening* lektorlag* lokkout* lokomotivmannsforbund* lærarlag* lønnsforhandling* lønnsoppgjør* maskinistforbund* \
            medbestemmelse* medråderett* metallarbeiderforening* musikernes negotia nito nitomedlem* nnnforbund* nopef \
            offisersforbund* plasstillitsvalgt* postkom samfunnsviter* sjømannsforbund* sjøoffisers* skuespillerforbund* streik* \
            sykepleierforbund* sympatistreik* tariffavtale* tariffoppgjør* tarifforhandling* tekna teknamedlem* tillitsvald* \
            tillitsvalgt* transportarbeiderforbund* unio unioforbund* utdanningsforbund* verneombud* yrkesorganisasjon* \
            yrkestrafikkforbund* ytringsfriklubb*",
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
            akava akavalai* akavan aliupseeriliit* ammattijärjest* ammattiliit* ammattiosasto* ammattiyhdisty* ayjäsen* ayliike* \
            ekonomiliit* erto farmasialiit* hammaslääkäriliit* insinööriliit* jhl jhljäsen* joukkosopimu* journalistiliit* \
            juristiliit* järjestäytymi* järjestäytyn* jäsenmaksuperin* keskusjärjest* kirkonalan kuntaliitonjäsen laivanpäällystö \
            lakko lakkoavustu* lakkoilu* lakkoon lakkovaht* lakkovaroitu* lakossa lastentarhanopettajaliit* liittojäsen* \
            luottamusmie* luottamusvaltuut* lähihoitajaliit* lääkäriliit* merimiesliit* merimiesunioni* metalliliit* metallityöväen \
            näyttelijäliit* opettajaliit* pamin pamjäsen* paperiliit* pappisliit* poliisijärjest* poliisiliit* postiliit* \
            psykologiliit* pääluottamusmie* rakennusliit* rautatieläisten saarto sairaanhoitajaliit* sttk superliit* sähköliit* \
            taksiliit* tehy tehyjäsen* teollisuusliit* tessopimu* toimihenkilöliit* toimihenkilöunion* tukilakko* työehto* työsulku* \
            työsuojeluvaltuut* työtaistel* työttömyyskass* ulosmarssi* upseeriliit* vartijaliit* veturimiesliit* veturimiesten \
            ylityökielto*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            irtisanottu jyty jäsenmaksu* liiton liitossa liitto liittoon loimu lomautettu luottamushenkilö* neuvottelu* pam pardia \
            sak",
    },
    // Icelandic.
    Group {
        confidence: 0.88,
        words: "\
            alþýðusamband* bhmfélag* blaðamannafélag* bsrb byggiðnfélag* eflingarfélag* einingariðja* fagfélag* fagfélög* \
            flugfreyjufélag* flugmannafélag* flugvirkjafélag* framsýnstéttar* félagsdóm* félagsgjald* félagsgjöld* \
            félagsráðgjafafélag* grunnskólakennarafélag* hagfræðingafélag* hlífarfélag* iðnaðarmannafélag* iðnfélag* iðnnemasamband* \
            kennarafélag* kennarasamband* kjarabarátt* kjarabót* kjaradeil* kjararáð* kjarasamning* kjaraviðræð* \
            leikskólakennarafélag* ljósmæðrafélag* lyfjafræðingafélag* læknafélag* lögfræðingafélag* lögreglumannafélag* \
            matvísfélag* málarafélag* múrarafélag* orlofssjóð* pípulagningafélag* rafiðnaðarfélag* rafiðnaðarsamband* \
            rafvirkjafélag* ríkissáttasemjar* sameyki sameykis sameykisfélag* samúðarverkfall* sjómannafélag* sjómannasamband* \
            sjúkraliðafélag* skipstjórnarmannafélag* slökkviliðsmannafélag* starfsgreinafélag* starfsgreinasamband* \
            starfsmannafélag* stéttarfélag* stéttarfélög* sálfræðingafélag* tannlæknafélag* trésmíðafélag* trúnaðarmann* \
            trúnaðarmað* trúnaðarmenn* tæknifræðingafélag* tónlistarkennarafélag* verkalýðs* verkbann* verkfall* verkfræðingafélag* \
            verkföll* verslunarmannafélag* verzlunarmannafélag* vinnudeil* vinnuréttar* vinnustöðvun* viðskiptafræðingafélag* \
            vélstjórafélag* öryggistrúnaðarm*",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            efling eflingar eflingu félagsmanna félagsmað* samband samningar sjómenn sjúkrasjóður uppsögn",
    },
    // English.
    Group {
        confidence: 0.85,
        words: "\
            aflcio afscme antiunion* aslef closedshop gmb nasuwt nonunion* nujmember* picket* prounion* seiu strikebreak* strikers \
            syndicalis* teamster* tradeunion* ucu unionis* unioniz* unionrep* unions usdaw walkout*",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            ballot bargaining collective dues grievance* labour rep representative steward stewards strike strikes striking union \
            unison unite",
    },
];
