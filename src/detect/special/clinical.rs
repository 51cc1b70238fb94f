//! Words of clinical notes that by themselves may speak of other things: parts of the body, findings, wards, what nurses write down.
//!
//! Those of the higher confidence speak for each other.
//!
//! `*` ends a beginning: every word that begins so counts. Words are in lower case; a group is one language's, and what its neighbours
//! write alike stands once, in the first.

use super::Group;

/// The words, by language and confidence, sorted within each group.
pub(super) const WORDS: &[Group] = &[
    // Swedish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            adrenalin ambulans* ammar amning avföring avliden bajsat barnmorsk* bilateralt blodgivar* blodig* blåmärke brösten buk \
            centralsjukh* cysta cystor dagkir distriktssköters* drän dränage dödfödd dödsbevis excision* extremitet* fistel gipsad gipsas \
            hemgång hemtjänst* hereditet inkommer inkontinensskydd insättes insätts kissat klåda knät kontraktur* krea logoped logopeder \
            lpk lupus luxat* läkt ländrygg* mjälte mott mottagningen mvc omläggning ortosen pares provsvar* provtagen provtas pupill* \
            rodnad ruptur* sederad sedering sensib* sjuksköters* skolsköters* sonden ssk svullna svullnad sväljer symtomfri syndrom \
            syndromet tbe tröttare undersköters* upphostn uppvak* urine usk utskrivna vårdtagare* vårdtyngd ätit åldersnorm ödem ögat öm \
            ömhet överläkare*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            akut akuten allergier anhörig anhöriga avd avled avlidit basal bedömning behandlad behandlas behandling behandlingen beroende \
            besvär blod blöja blöjor bårhus dos dropp droppet fastande förband försäkringskassan hembesök hjälpmedel hjärta hjärtat höft \
            hörsel inlagd inlagda insatt inskrivning* intagen intagning* jour jouren knä knäet kol kräfta kur labb lever levern luftväg* \
            lunga lungor lungorna lyfts läkning medtagen mental mentally nacke nacken nedsatt njurar njure nytillkommen odling omlagd \
            omlagt ont operation operationen operera* opererades orolig pad pat propp psykologer pulsen ramlade ramlat recept recepten \
            receptet reflex reflexer rehab remiss remissvar* remitter* reponer* reposition* ronden sittvård sjukt sjuktal skada skadad \
            skadade skadat skena skopi smittad smittsam sond stent stressad ställningstag* svullen sykt syn synen sys såren tilltagande \
            tremor trött utskrivning* utskrivs utslag väger värk vätska vård vårdas vårdat vården",
    },
    // Danish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            afebril* ammede ammer ammes bevidstløs* bughule* centralsyg* cyste cyster dræn drænet fastende febril forstuv* fødende fødsel \
            fødslen gangbesvær* hjertelæge* hoften hæl hælen hævelse højresidig højresidigt iltmætning indiceret jordemoder jordemoderen \
            jordemødre jordemødrene kateterb klinisk* kløe knoglen konfereres konfereret kvæst* lejring ludomani lungerne lænd lænden \
            mislyd morgenstivhed neg ordineres ordineret overlæge* patologisk plejepers reservelæge* rigshosp* sle spl sundhedsplejersk* \
            sutureres sutureret sygeplejersk* synkebesvær* sårbehand* træthed udtrættet universitetshosp* vejrtræk* venstresidig* \
            åndedræt* ødemat øm ømhed",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            ambulant anfald anlagt barselsorlov* behandles behandlet behandlinger bevidsthed* blind blinde blodet brud bruddet doser \
            dosis forbinding forbindingen foreneligt forhøjet forstørret forværring gigten gipset handicap henvises henvisning \
            henvisningen henvist hjemmebesøg hofte hud huden hævede instrueret knude knuder knæ knæet krebs lammet leveren mave maven \
            mobiliser* natlig* nedsat objektiv objektivt observeres ondt opstart opstartes overflyttes pille piller pleje plejepersonale* \
            pårørende rifter ryg scannet scanning skade skadet skanning skulderen skyllet snue steril stress stresset syet symmetrisk \
            symmetriske tilset tiltagende træt trætte udredes udredning udredt udskrevet udskrivelse udskrives udskrivning* urin urolig \
            veer vejer vågen",
    },
    // Norwegian, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            allmenntil* almenntil* bandasje bilat blødde* bryst brystet diurese dren dreneringsp drenert forløsn fødselen \
            helsesykepleier* helsesøster* hofta høyresidig* injeksjon* jordmor jordmødre kateteret kneet korttidsopph* lammelser* \
            liggesår lungene lunger medisinsk* munntørr* nyre nyrer ortopedteknisk overlege* respirasjon* rikshosp* sedert sengepost* \
            sentralsyk* seponeres seponert sjukepleiar* skadde sondeern* sykepleiar* sykepleier* tannverk* universitetssjuk* \
            universitetssyk* åpningsl ødem ødemer",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            avhengig behandla behandlinga dosen forverr* hals halsen hjerte hjertet hode hodet hoste hoster hosting innkom innkomst \
            innlagt innlagte innlegges kne korttids lunge mage magen nakke nakken operasjon operasjonen operatør opereres pas prolaps \
            puls pusta pusten pusting* pårørande rier rus rygg ryggen skadd skulder skuldra slag smitta smittet sonde stell stelles stelt \
            sting stressa sår sårene såret urinen uroleg utredes utskrevet utskriven utskrives utskriving* vondt våken væske åndedrett",
    },
    // Finnish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            aistin* alavats* allergioi* dreeni* erite* erittää eritys esitie* imettää infekt* jalkapohj* kaatuil* kasvoh keskussair* \
            kipsattu koepaloj korona* kudok* kuumem kätilö* labrat leposyke loukkaantu* lyhentyny* lähihoitaj* munuais* nielemis* \
            nyrjäht* oireeseen oireeton oireyhty* orientoitu* osastojakso* ovulaati* palpaat* palpoi* pistoks* psykologi* puhekyk pyelon \
            raajojen rintarauh* sairaanhoitaj* sokerit sykkee* tajun* tajuton tajuttom* tiputus tulosyy turvot* tutkimusosast* uloste \
            ulostee* uupunu* virtsa virtsaa virtsan virtsannut voinni* yleistila* yleisvoint* yliläk* yliopistosair*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            ajokielto allergiaa allergiat annettiin annettu annos burana* haava haavaa haavan haavassa haavat hengityksen hengitys \
            hidastunut hoidettu hoidon hoidossa hoito hoitoa hoitoon iho ihon ihosta imetys* itkuinen jalassa kaatui kaatunu* kipsi \
            kohonneet kohonnut kohtaus kontrolli* kotikäyn* kotiutu* kurkku lapaluu leikattiin leikattu leikkaukse* leikkaus levoton \
            levottom* lihakset lähete lähettee* löydökse* löydös mielial* murtunut niukka nukkui oire oireen omainen omaisen omaiset \
            omaisille ompele* operoi* osastolla osastolle pistos pkl polvea polven polvessa polvi pulssi päivystyk* päivystys pään raajat \
            resepti* rinnat selkä selkää selän seuranta seurantaan sijoilt* sormiin stressi sydämen sydän syke* syönyt taudin tauti \
            tautiin tipat tippa tippaa tukos vaipat vaippa vamma vamman vartalo vastaanotolla vastaanotto* vatsa vatsaa vatsan veri verta \
            viittaava* vointi vuoto väsymys väsymyst* väsynyt ärtyinen",
    },
    // Icelandic, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            barnaspítal* bjúg bjúgi bjúgur blæðing blæðingu blæðir heilkenn* hjúkrunarfræðing* inniliggj* innlagður innlögð kviðarh* \
            kviður landspítal* lifur ljósmæð* ljósmóð* lungu lungum meiðsl* mænu nýru púls sjúkraliða sjúkraliði slösuð spítal* \
            sáraskipt* súrefni* tannpín* yfirlækn* óáttað* öndun* útskrifast* þembd* þvag þvagi",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            auga auganu augum aðgerð aðgerðin aðgerðina aðgerðinni aðstandandi aðstandend* baki bakinu batnandi batnað* blóð blóði brjóst \
            brjósti dofa dofi endurkom* endurmat fastandi fylgikvill* fæti gifs gips greind greindist greindur greining grunur heila \
            hjarta hjartað hné hnénu háls hálsi höfuð húð innlagn* jákvætt jákvæð kálfa lagðist mettun meðferð meðferðar meðferðin \
            neikvætt neikvæð niðurdreg* roði rúmi saumað* sefur sjónin skammt* skert slasað* slys sprauta sprautu* streita stöðug svaf \
            svefn sár sári sárið umbúð* versnað* versnun æðal* útbrot* útskrifað* útskrift útskrifuð* þreyta þreytt þreyttur þyngd \
            þyngdist",
    },
    // English, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            ambulance* anterior bilateral bilaterally bleeding bowel breathl* chronic clinically contusion* cyst distal diuretic* drowsy \
            fetal foetal gait gcs groin histolog* hpv infus* lateral lesion* meds midline midwi* mobilis* nocte nodes nodule norovirus \
            numbness nurse nurses ocd oxygen pelvi* physician* posterior prognosis proximal relapse* sats scalp sedat* spleen sprain* \
            steroids stitches swab swelling swollen tenderness vascular voiding",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            abort abortion acute acutely admitted ankle bled blood brain breast breathing carer chest clinic clinical clot clots \
            counselling disabled discharge discharged dizzy dosage dose doses draining dressing fatigue fatigued flu fluids heart heel \
            hip hips hospice hospital hospitals ill impaired implant* indication injured injuries injury intact kidney knee liver lung \
            lungs matron mood neck needle nerve numb pulse rash referral referred reflux severe shoulder slept sling splint stable stool \
            stressed stroke surgical swallow syndrome tablets tired tolerat* treatment vein veins ward weakness weaning wound",
    },
    // What notes of all languages write alike, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            ahi alat apodos barthel* billroth braden breslow brugada bulbus caput carpi cerebrum cervikal* charcot* cobb colles columna \
            cushing* distalt dosering* dosett* duodenum fazekas femur fev foley fvc gleason goldmann hallux hashimoto* hickman holter* \
            humerus ileum kellgren lachman lateralt lewy* lumbal* mcp multidos* murphy nrs palmar* pancreas pankreas peep perthes \
            plantar* prn proksimalt pulm pvk qds rectum rinne romberg sacrum sbar scaphoid* scheltens scheuermann* sigmoid* spatium tds \
            thorakal* tibia torakal* ulcus valgus vena ventrik* whipple*",
    },
    // What notes of all languages write alike, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            addison* arteria basalt bcg bup colon cor dorsal* fossa gyn hba icd igra inr laktat mmr prostata psa psyk rads stase tia timi \
            vas visus",
    },
];
