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
            anhållen anhållna anhölls arresten arresterad* avtjänade avtjänar barnpornograf* bedragare* bedrägeri* bedräglig* \
            belastningsregist* besöksförbud* bilstöld* bokföringsbrott* brottmål* brottsanmäl* brottsbalken* brottsdömd* brottslig* \
            brottsling* brottsmisst* brottsmål* brottsoffer* brottsplats* brottsregist* brottsrubricer* brottsutred* bötesstraff* \
            cykelstöld* dagsbot* dagsböter dataintrång* drograttf* dråp dråpet dråpsdömd* dråpsförs* dråpsåtal* dödshot* egenmäkt* \
            ekobrott* fotboja* fridskränk* frihetsberöv* frivård* fängelse* fängslad* förbryt* förfalsk* förskingr* förtal* \
            förundersökning* gängkriminal* gängkriminell* gängmedlem* gängskjut* gärningsman* gärningsmän* hatbrott* hemfridsbr* häktad* \
            häktas häktats häktning* hälare häleri* identitetsstöld* inbrott* internetbedr* knark* knivskars knivskuren knivskuret \
            knivskärn* kontaktförbud* koppleri* korruption* kreditbedr* kriminalvård* kvinnofrid* kvinnomisshandel* langning* livstids* \
            mened* misshand* misstankeregist* mordbrand* mordförsök* mordhot* mordmissta* mordplan* mordutred* mordåtal* mutbrott* mutor \
            människohandel* mördad* mördare* narkotikab* narkotikadom* narkotikainnehav* narkotikasmugg* ofredade ofredande* ordningsbot* \
            pedofil* penningtvätt* polisanmäl* polisrapport* prostitutionsbrott rasistbrott* rattfull* rattfyll* rattonykt* rån rånad* \
            rånare* rånats rånförsök* samhällstjänst* sexbrott* sexköp* sexualbrott* skadegörelse* skattebrott* skattefusk* skjutning* \
            skottskad* skyddstillsyn* smitning* smuggl* snattade snatteri* sprängdåd* stalkad stalkar stalkare* straffregister* \
            strafförelägg* stöld* terrorbrott* terrorist* tjuveri tjuvgods* trakass* ungdomsbrott* ungdomstjänst* urkundsförfalsk* \
            utpressade utpressning* utvisningsdom* vapenbrott* vapenhot vapeninnehav* vapenlag* våldsbrott* våldtog* våldtäkt* ärekränk* \
            åklagare* åtal* återfallsförbryt* övergrepp*",
    },
    // Swedish.
    Group {
        confidence: 0.6,
        words: "\
            tjuv*",
    },
    // Swedish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            anmäld brott brottet böter domen dömd dömda dömdes dömts frias frigivning* frikänd frikändes förföljelse greps gripen gripna \
            hotade häktet misstänkt* mord mordet målsägande* målsägare olaga olovlig* polis polisen påföljd rättegång* stulen stulit \
            stulna villkorlig* vittnade vittne våld",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            advokat* anmäldes bråk dom dömt fusk fuskat försvarare* hot hotar hovrätt* rymde rymt rättsfall straff straffad tingsrätt* \
            utredning våldsam",
    },
    // Danish.
    Group {
        confidence: 0.87,
        words: "\
            afpresning* afsone* afsoning* anholdelse* anholdes anholdt anholdte ankesag* anklagemyndighed* anklager anklageskrift* \
            anklaget anstaltsdom bandekrig* bandekriminal* bandemedlem* banderelateret bedrager* bestikkelse* blufærdighed* brandstift* \
            butikstyv* bødeforlæg* bødestraf* børneattest* børnelokker* børneporno* cykeltyveri* databedrageri* dokumentfalsk* domfæld* \
            drabsdømt* drabsforsøg* drabsmand* drabssag* drabssigt* dødstrus* flugtbilist* fodlænke* forbrydelse* forbryder* \
            frihedsberøv* fængsel* fængslede fængslet gerningsmand* gerningsmænd* grundlovsforhør* hadforbryd* hashbesidd* hashsalg* \
            hjemmerøver* hvidvask* hæleri* hærværk* identitetstyv* ildspåsæt* indbrud* injurier* knivoverf* knivstik* knivstuk* \
            kriminalforsorg* kriminalitet* kriminalregister* kriminel* kvinded* lovovertræd* løsladelse* løsladt mandatsvig* \
            menneskehandel* momssvig* morder* myrdet* narkohandel* narkokørsel* narkosag* narkosalg* narkotikasag* opholdsforbud* \
            overgreb* politianh* politianmeld* politirapport* polititilhold* promillekørsel* prøveløsladt* pågrebet pædofili* retsmøde* \
            retssag* rufferi* røver røveri* samfundstjeneste* seksualforbryd* sigtede sigtelse* skattesnyd* skattesvig* skudepisod* \
            skyderi* smuglede smugleri* spirituskørsel* spritkørsel* stjal straffeattest* straffet sædelighed* terrordømt* terrorsag* \
            tiltalebænk* tiltalen tiltalerejs* tiltalt tiltalte tyvekoster tyveri* tyvstjål* udvisningsdom* underslæb* vanvidskørsel* \
            varetægt* vidneafh* vidneforkl* voldelig* voldsdom* voldsforbryd* voldsmand* voldsoverf* voldssag* voldtaget voldtog \
            voldtægt* våbenbesidd* våbenlov*",
    },
    // Danish.
    Group {
        confidence: 0.6,
        words: "\
            sigtet",
    },
    // Danish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            anmeldt bøde bøder domme dommen drab drabet dømt dømtes forvaring* frifindes frifundet frikendt hacking* mistanke* mistænkt* \
            politi politiet retten stjålet straf tilhold tiltale truede truet trusler trussel vidne vold",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            anmeldelse* betinget byret* fange fanger forsvarer hæler landsret* sagen snyd snydt ulovlig*",
    },
    // Norwegian.
    Group {
        confidence: 0.87,
        words: "\
            ankesak* arrestasjon* arrestert* barneporno besøksforbud* biltyveri* blotting brannstift* bøtelagd* bøtelagt* bøtelegg* \
            dagbøter* datainnbrudd* dokumentforfalsk* domfelle* domfelt* dopdømt drapsdømt* drapsforsøk* drapsmann* drapssak* \
            drapssiktet* drapstrus* familievold* fengsel* fengsla fengslet forbrytelse* forbryter* forelegg* forfalsk* forhørsrett* \
            fotlenke* frihetsberøv* fyllekjør* fyllekøyr* gjengkriminal* gjengmedlem* gjerningsmann* gjerningsmenn* hallikvirks* \
            hatkriminal* hatytring* heleri* hvitvask* hærverk* idømd* idømt* ildspåsett* innbrudd* knivangrep* knivdrap* kontaktforbud* \
            korrupsjon* kriminalomsorg* kroppskrenk* kroppsskade* legemsfornærm* legemskrenk* lovbrot* lovbrudd* lovbrytar* lovbryter* \
            løslatelse* løslatt mishandl* mistenkelig momsunndrag* mordbrann* narkolanger* narkotikadømt* narkotikalov* narkotikasak* \
            nasket nasking* overgrep* partnerdrap* politiattest* politimeld* promillekjør* promillekøyr* prøveløslatt* pågrepet pågrepne \
            pågripe pågripen påtale* raner ranere raneren ranet ransforsøk* ransoffer* ranssikt* rettsmøte* rettssak* ruskjør* ruskøyr* \
            råkjør* samfunnsstr* samfunnstjeneste* sedelighet* seksuallovbr* siktede siktelse* siktet skadeverk* skattesvik* \
            skatteunndragelse* skyteepisod* smuglet smugling* soning* stikningsul* straffedom* straffedømde* straffedømt* straffelov* \
            straffereg* straffesak* svindel* sykkeltyveri* terrorsiktet* trugsmål* trusselbr* trusselsak* trygdebedrageri* trygdesvindel* \
            underslag* underslått utpressing* valdsdømd* valdsutøv* valdtekt* varetekt* voldsalarm* voldsdømt* voldsepisode* \
            voldshendels* voldsofr* voldssak* voldsutøv* voldtekt* voldtok våpenbes* våpenlov* ærekrenk*",
    },
    // Norwegian, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            anmeldte bot drap drapet dømd dømte fornærmede* frifinn* frifunnet gripit innsatt innsatte juks mistenkt* sikta soner sonet \
            stal vitne vitnet",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            betinga cella dommer forsvarar heler juksa juksing lagmannsrett* tingrett* ubetinga",
    },
    // Finnish.
    Group {
        confidence: 0.87,
        words: "\
            ahdistel* ampumavälik* aserikos* asiakirjaväär* asianomist* asuntomur* autovarka* ehdonala* elinkautis* epäilty epäiltynä \
            esitutkin* henkirik* huijari* huijasi huijau* huumausaine* huumeiden huumekau* huumekuski* huumerik* hyväksikäyt* \
            identiteettivarkau* ihmiskaup* ihmisryöst* ilkival* jengiläi* jengirikol* karkotetti* katuväkiv* kavallu* kavalsi \
            kiristysrik* kiristäj* kirjanpitorik* koevapau* kunnianlouk* kuulustel* kätkemisrik* lahjonta* lahjus* lainrik* lapsensurma* \
            lapsiporno* liikennejuopumu* liikennerik* linnatuomio* lähestymiskiel* lähisuhdeväkival* maksuvälinepeto* murhayrit* \
            murtautu* murtovaras* murtovarkau* näpist* pahoinpitel* parittaj* paritu* pedofiili* perhesurma* perheväkival* petoks* petos \
            petosrikos* pidätettiin pidätetyt* pidättänyt poliisikuulustelu* poliisitutkin* puukot* pyörävark* rahankavall* rahanpesu* \
            raiska* rattijuopo* rattijuoppo* rattijuopumu* rikokse* rikoksia rikollinen rikollis* rikosasia* rikosepäil* rikosilmoitu* \
            rikosoikeu* rikosrekister* rikosseuraam* rikostaus* rikosuhri* ryöst* ryöväri* sakkorangaistu* sakotettiin sakotettu \
            salakuljet* seksuaalirik* syyte syytetty syytetyt* syytetään syytte* talousrik* tapon tapoyrity* tappo tekijäksi \
            terrorismirik* tietomurto* tuhopolt* tuhotyö* tuomitti* tuomittu tutkintavank* uhkaukse* vahingonteko* vainoami* \
            valvontarangaistu* vangitsem* vangitti* vangittu vankeude* vankeus* vankeut* vankila* vapaudenriist* varas varastanu* \
            varastet* varasti varkaat varkausrik* veropeto* verorik* viharik* väkivallanteko* väkivaltai* väkivaltarik* väärenn* \
            yhdyskuntapalvel*",
    },
    // Finnish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            ehdolli* ehdotonta epäilee epäillyt epäillään epäiltyjen huumeet käräjillä murha* oikeudenkäyn* pidätet* pidätti* pidätys* \
            poliisi poliisille poliisin rangaistu rangaistus* rikoksen rikos sakko sakkoja sakot surma* syyttäj* todistaja* tuomio \
            tuomion törkeä törkeästä uhkaus vaino vangit vanki varkau* väkivalta*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            asianajaja* hovioikeu* jengi käräjäoikeu* murto uhkasi",
    },
    // Icelandic.
    Group {
        confidence: 0.87,
        words: "\
            afbrot* afplán* auðkennisþjófn* barnaklám* barnaníð* brennuvarg* brotaferil* brotamann* brotamað* brotaþol* brotlegur \
            brottvísun* bílþjófn* bókhaldsbrot* búðarhnupl* dæmd dæmdir dæmdur dópsal* efnahagsbrot* eltihrell* fangar fangavist* \
            fangels* fjárdrátt* fjárkúg* fjársvik* frelsissvipt* fíkniefnabr* fíkniefnamál* fíkniefnasal* glæpa* glæpi* glæpur gæsluvarð* \
            handtekin handtekinn handtekn* handtök* hatursglæp* hatursorðræð* heimilisofbeld* hnupl* hnífaárás* hnífstung* hraðakst* \
            hryðjuverk* hylming* hótanir hótaði* innbrot* kynferðisafbrot* kynferðisbrot* kynferðisofbeld* líkamsmeiðing* líkamsárás* \
            lögbrot* lögreglukær* lögreglumál* lögreglurannsókn* lögregluskýrsl* manndráp* mansal* meinsær* meiðyrð* morðtilraun* myrt \
            myrti mútubrot* mútur mútuþæg* nauðgar* nauðgað* nauðgun* nálgunarb* ofbeldi* peningaþv* refsidóm* refsing* refsiverð* \
            refsivist* reiðhjólaþjóf* reynslulausn* ránstilraun* sakamann* sakamaður* sakamál* sakaskrá* sakavottorð* sakborning* \
            sakfell* saksókn* samfélagsþjónust* sektargerð* sektaður skattalagabrot* skattsvik* skemmdarvarg* skemmdarverk* skilorð* \
            skjalafals* skotárás* smygl* svikahrapp* svikar* svindl* tölvuinnbrot* umsáturseinelt* varðhald* vopnabrot* vopnalagabrot* \
            vændiskaup* vímuakst* yfirheyrsl* yfirheyrð* ákæra ákæru* ákærð* áreitni* árásarmann* árásarmað* ærumeiðing* íkveikj* \
            ökklaband* ölvunarakst* þjófa þjófi* þjófn* þjófur",
    },
    // Icelandic, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            brot dæmdi dæmt dómi dóminn dómur fanga fangi grunað* grunuð handtaka hótun kæra kærð kærður lögregla lögreglan lögreglu \
            lögreglunnar morð* rán ránið sekt sektir stolið vitni",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            héraðsdóm* landsrétt* lögmað* slagsmál* svik verjand* þýfi*",
    },
    // English.
    Group {
        confidence: 0.87,
        words: "\
            abduct* accomplice* acquitted arrested arresting arrests arson* assault* blackmail* bribed bribery burglar* burgled convict \
            convicted conviction convictions convicts crime crimes criminal criminally criminals defamation delinquen* embezzl* extort* \
            felon felonies felonious felons felony forger* fraud frauds fraudster* fraudulent* gangster* gunman gunmen harass* homicid* \
            hostage* imprison* incarcerat* indict* inmate* jail jailed jailing jails kidnap* larceny lawbreak* magistrate* manslaughter \
            misdemeanor* misdemeanour* molest* mugged mugger mugging murdered murderer* murdering offender* paedophil* parole paroled \
            parolee* pedophil* perjury poaching prison* prosecut* racketeer* raped rapist* remanded reoffend* robbed robber robberies \
            robbers robbery sentenced shoplift* stabbed stabbing stabbings stalker* stalking terrorism theft thefts thief thieves \
            traffick* trespass* wrongdo*",
    },
    // English, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            acquit* arrest bail charged counterfeit* court custody forged guilty laundered laundering murder* offence offences offense \
            offenses plea pleaded police rape sentence stole stolen suspect suspects trial vandal* victim victims violence violent \
            witness*",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            fined illegal* lawyer probation punish* remand scam scammer* scams steal suspected threat*",
    },
    // Words that begin like one of these and are none.
    Group {
        confidence: 0.0,
        words: "\
            drapeaux inbrottslarm* inbrottsskydd* indbrudsalarm* indbrudssikr* innbrotsvarn* innbruddsalarm* innbruddssikr* mordvin* \
            murtohälyt* murtosuoj* rikosromaan* røverhistorie* røverkøb* svindland* tiltalende",
    },
];
