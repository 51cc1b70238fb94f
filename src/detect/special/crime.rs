//! Words that speak of somebody's crime.
//!
//! `*` ends a beginning: every word that begins so counts. Words are in lower case; a group is one language's, and what its neighbours
//! write alike stands once, in the first.

use super::Group;

/// The words, by language and confidence, sorted within each group.
pub(super) const WORDS: &[Group] = &[
    // Swedish.
    Group {
        confidence: 0.87,
        words: "\
            anhållen anhållna anhölls barnpornograf* bedragare* bedrägeri* bedräglig* belastningsregist* besöksförbud* \
            bokföringsbrott* brottmål* brottsanmäl* brottsbalken* brottslig* brottsling* brottsmisst* brottsmål* brottsoffer* \
            brottsregist* brottsrubricer* brottsutred* bötesstraff* dagsböter dataintrång* delgivningsman dråp* dömdes ekobrott* \
            fotboja* fridskränk* frigivning* frihetsberöv* frivården fängelse* fängslad* förbryt* förfalsk* förföljelse förskingr* \
            förtal* förundersökning* gängkriminal* gängkriminell* gängmedlem* hatbrott* hovrätt* häktad* häktet häktning* hälare \
            häleri* identitetsstöld* inbrott* knark* kontaktförbud* koppleri* korruption* kriminalitet* kriminalvård* kvinnofrid* \
            kvinnomisshandel* langning* livstids* mened* misshand* misstankeregist* misstänkt* mord mordbrand* mordet mordförsök* \
            mutbrott* mutor människohandel* mördad* mördare* narkotikabrott* narkotikainnehav* narkotikasmugg* ofredade ofredande* \
            olaga olovlig* ordningsbot* pedofil* penningtvätt* polisanmäl* polisrapport* prostitutionsbrott påföljd* rasistbrott* \
            rattfull* rattfyll* recidiv* rån rånad* rånare* rånförsök* samhällstjänst* sexbrott* sexköp* sexualbrott* skadegörelse* \
            skattebrott* skattefusk* skyddstillsyn* smuggl* snattade snatteri* stalk* straffregister* strafförelägg* stöld* \
            terrorbrott* terrorist* tingsrätt* tjuvgods* urkundsförfalsk* utpressning* utvisningsdom* vapenbrott* vapeninnehav* \
            vapenlag* våldtog* våldtäkt* ärekränk* åklagare* åtal* återfallsförbryt* övergrepp*",
    },
    // Swedish.
    Group {
        confidence: 0.6,
        words: "\
            tjuv*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            advokat* anmäld anmäldes brott brottet bråk böter dom domen dömd dömda dömt fusk fuskat försvarare* gripen gripna hot \
            hotade hotar målsägande* målsägare polis polisen rymde rymt rättegång* rättsfall straff straffad stulen stulit utredning \
            villkorlig* vittnade vittne våld våldsam",
    },
    // Danish.
    Group {
        confidence: 0.87,
        words: "\
            afpresning* anholdelse* anholdt ankesag* anklagemyndighed* anklager anklageskrift* anklaget anstaltsdom bandekriminal* \
            bandemedlem* banderelateret bedrager* bestikkelse* blufærdighed* brandstift* butikstyv* byret* bødeforlæg* bødestraf* \
            børneattest* børneporno* databedrageri* dokumentfalsk* domfæld* drab drabet drabsforsøg* drabsmand* fodlænke* \
            forbrydelse* forbryder* forvaring* frihedsberøv* fængsel* fængslede fængslet grundlovsforhør* hacking* hadforbryd* \
            hashbesidd* hashsalg* hvidvask* hæleri* hærværk* identitetstyveri* ildspåsæt* indbrud* injurier* kriminalforsorg* \
            kriminalregister* kriminel* landsret* lovovertræd* løsladelse* løsladt mandatsvig* menneskehandel* mistanke* mistænkt* \
            momssvig* morder* myrdet* narkohandel* narkokørsel* narkosag* narkosalg* narkotikasag* opholdsforbud* overgreb* \
            politianmeld* politirapport* polititilhold* promillekørsel* prøveløsladt* pædofili* retsmøde* retssag* rufferi* røver \
            røveri* samfundstjeneste* seksualforbryd* sigtede sigtelse* skattesnyd* skattesvig* smuglede smugleri* spirituskørsel* \
            spritkørsel* stjal stjålet straffeattest* straffelov* strafferegister* straffet sædelighed* terrordømt* terrorsag* \
            tiltale* tiltalt tiltalte trusler tyveri* tyvstjål* udvisningsdom* underslæb* vanvidskørsel* varetægt* vold voldelig* \
            voldsdom* voldsdømt* voldsforbryd* voldsmand* voldssag* voldtaget voldtog voldtægt* våbenbesidd* våbenlov*",
    },
    // Danish.
    Group {
        confidence: 0.6,
        words: "\
            sigtet",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            anmeldelse* anmeldt betinget bøde domme dommen dømt dømtes fange fanger forsvarer hæler politi politiet retten sagen \
            snyd snydt straf tilhold truede truet trussel ulovlig* vidne",
    },
    // Norwegian.
    Group {
        confidence: 0.87,
        words: "\
            ankesak* arrestasjon* arrestert* barneporno besøksforbud* blotting brannstift* bøtelagt* bøtelegg* dagbøter* \
            datainnbrudd* dokumentforfalsk* domfelle* domfelt* dopdømt drap drapet drapsdømt* drapsforsøk* drapsmann* drapssiktet* \
            fengsel* fengsla fengslet forbrytelse* forbryter* forelegg* forfalsk* fotlenke* frihetsberøv* fyllekjør* gjengkriminal* \
            gjengmedlem* hallikvirks* hatkriminal* hatytring* heleri* hvitvask* hærverk* ildspåsett* innbrot* innbrudd* \
            kontaktforbud* korrupsjon* kriminalomsorg* kroppskrenk* kroppsskade* lagmannsrett* legemsfornærm* legemskrenk* lovbrot* \
            lovbrudd* lovbrytar* lovbryter* løslatelse* løslatt mishandl* mistenkelig mistenkt* momsunndrag* mordbrann* narkolanger* \
            narkotikabes* narkotikadømt* narkotikalov* narkotikasak* nasket nasking* overgrep* politiattest* politimeld* \
            promillekjør* prøveløslatt* påtale* raner ranere raneren ranet ransforsøk* rettsmøte* rettssak* ruskjør* råkjør* \
            samfunnsstraff* samfunnstjeneste* sedelighet* seksuallovbr* siktede siktelse* siktet skadeverk* skattesvik* \
            skatteunndragelse* smuglet smugling* soning* straffedømde* straffedømt* straffesak* svindel* terrorsiktet* tingrett* \
            tjuveri* trugsmål* trusselsak* trygdebedrageri* trygdesvindel* underslag* underslått utpressing* valdsdømd* valdsutøv* \
            valdtekt* varetekt* voldsalarm* voldsepisode* voldssak* voldsutøv* voldtekt* voldtok våpenbes* våpenlov* ærekrenk*",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            anmeldte betinga bot cella dommer dømd fornærmede* forsvarar heler innsatt innsatte juks juksa juksing sikta soner sonet \
            stal ubetinga vitne vitnet",
    },
    // Finnish.
    Group {
        confidence: 0.87,
        words: "\
            ahdistel* aserikos* asiakirjaväär* asianomist* asuntomurto* ehdolli* ehdonala* ehdottom* elinkautis* epäillään epäilty \
            epäiltynä esitutkin* henkirik* hovioikeu* huijari* huijasi huijau* huumausainerik* huumeiden huumekaup* huumekuski* \
            huumerik* hyväksikäyt* identiteettivarkau* ihmiskaup* ilkival* jengiläi* jengirikol* karkotetti* kavallu* kavalsi \
            kiristi kiristy* kirjanpitorik* koevapau* kunnianlouk* kuulustel* käräjillä kätkemisrik* lahjonta* lahjus* lainrik* \
            lapsensurma* lapsiporno* liikennejuopumu* lähestymiskiel* lähisuhdeväkival* maksuvälinepeto* murha* murtautu* murto \
            murtovaras* näpist* pahoinpitel* parittaj* paritu* pedofiili* perheväkival* petokse* petos petosrikos* pidätet* pidätti* \
            pidätys* poliisikuulustelu* poliisitutkin* rahanpesu* raiska* rattijuopo* rattijuopumu* rikokse* rikollinen rikollis* \
            rikosasia* rikosepäil* rikosilmoitu* rikosoikeu* rikosrekister* rikosseuraam* rikostaus* rikosuhri* ryöst* ryöväri* \
            sakkorangaistu* sakotettiin sakotettu salakuljet* seksuaalirik* surma* syyte syytetty syytetyt* syytetään syytte* \
            syyttäj* talousrik* tapon tapoyrity* tappo terrorismirik* tietomurto* tuhopolt* tuhotyö* tuomio tuomion tuomitti* \
            tuomittu tutkintavankeu* tutkintavanki* törkeä uhkaukse* vahingonteko* vaino vainoami* valvontarangaistu* vangitsem* \
            vangitti* vangittu vankeude* vankeus* vankeutta vankila* vapaudenriist* varas varastanu* varastet* varasti varkaat \
            varkau* veropeto* verorik* viharik* väkivallanteko* väkivaltai* väkivaltarik* väärenn* yhdyskuntapalvel*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            asianajaja* huumeet jengi käräjäoikeu* oikeudenkäyn* poliisi poliisin rangaistu rangaistus* rikos sakko sakkoja sakot \
            todistaja* uhkasi uhkaus vangit vanki väkivalta*",
    },
    // Icelandic.
    Group {
        confidence: 0.87,
        words: "\
            afbrot* afplán* auðkennisþjófn* barnaklám* barnaníð* brennuvarg* brotaferil* brotamann* brotamað* brotaþol* brottvísun* \
            bókhaldsbrot* búðarhnupl* dæmd dæmdir dæmdur dópsal* efnahagsbrot* eltihrell* fangar fangavist* fangels* fjárdrátt* \
            fjárkúgun* fjársvik* frelsissvipt* fíkniefnabrot* fíkniefnamál* fíkniefnasal* glæpa* glæpi* glæpur grunað* grunuð \
            gæsluvarðhald* handtaka handtekin handtekinn handtekn* handtök* hatursglæp* hatursorðræð* heimilisofbeld* hnupl* \
            hraðakst* hryðjuverk* hylming* héraðsdóm* hótanir hótaði* hótun kynferðisafbrot* kynferðisbrot* kynferðisofbeld* \
            landsrétt* líkamsmeiðing* líkamsárás* lögreglukær* lögreglurannsókn* lögregluskýrsl* manndráp* mansal* meinsær* meiðyrð* \
            morð* myrt myrti mútubrot* mútur mútuþæg* nauðgar* nauðgað* nauðgun* nálgunarbann* ofbeldi* peningaþvætt* refsidóm* \
            refsing* refsiverð* refsivist* reynslulausn* rán ránið ránstilraun* sakamann* sakamaður* sakamál* sakaskrá* sakavottorð* \
            sakborning* sakfell* saksókn* samfélagsþjónust* sektargerð* sektaður skattalagabrot* skattsvik* skemmdarvarg* \
            skemmdarverk* skilorð* skjalafals* smygl* stolið svikahrapp* svikar* svindl* tölvuinnbrot* umsáturseinelt* varðhald* \
            vopnabrot* vopnalagabrot* vændiskaup* vímuakst* yfirheyrsl* yfirheyrð* ákæra ákæru* ákærð* áreitni* árásarmann* \
            árásarmað* ærumeiðing* íkveikj* ökklaband* ölvunarakst* útvísun þjófa þjófi* þjófn* þjófur",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            brot dómi dóminn dómur fanga fangi kæra kærð kærður lögmað* lögregla lögreglan lögreglu sekt sektir slagsmál* svik \
            verjand* vitni þýfi*",
    },
    // English.
    Group {
        confidence: 0.87,
        words: "\
            abduct* accomplice* acquitted arrested arrests arson* assault* bail blackmail* bribed bribery burglar* burgled convicted \
            conviction convictions counterfeit* crime crimes criminal criminally criminals defamation delinquen* embezzl* extort* \
            felon felonies felonious felons felony forged forger* fraud frauds fraudster* fraudulent* gangster* guilty harass* \
            homicide* hostage* imprison* incarcerat* indict* inmate* jail jailed jails kidnap* larceny laundered laundering \
            lawbreak* magistrate* manslaughter misdemeanor* misdemeanour* molest* mugged mugger mugging murder* offender* paedophil* \
            parole paroled parolee* pedophil* perjury prison* prosecut* racketeer* rape raped rapist* remanded reoffend* robbed \
            robber robberies robbers robbery sentenced shoplift* stabbed stabbing suspect suspects terrorism theft thefts thief \
            thieves traffick* vandal* wrongdo*",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            charged court custody fined illegal* lawyer offence offences offense offenses police probation punish* remand scam \
            scammer* scams sentence steal stole stolen suspected threat* trial victim victims violence violent witness*",
    },
];
