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
            adrenalin ambulans* avföring avliden bajsat barnmorsk* bedömning benen besvär bilateralt blodgivar* blodig* blåmärke brösten \
            buk centralsjukh* cysta cystor dagkir distriktssköters* drän dränage dödfödd dödsbevis excision* extremitet* feb fistel \
            förband gipsad gipsas hemgång hemtjänst* hereditet hjälpmedel hörsel inkommer inkontinensskydd inlagd insättes insätts kisat \
            kissat klåda knät kontraktur* krea labb lob logoped logopeder lpk luftväg* luxat* lyfts läkning läkt ländrygg* metast mjälte \
            mott mottagningen mvc narkosl nytillkommen odling omläggning opererades ortosen pares provsvar* provtagen provtas psykologer \
            pupill* remiss remissvar* remitter* reponer* reposition* rodnad ruptur* sederad sedering sensib* sittvård sjuksköters* \
            skolsköters* sonden spänd ssk ställningstag* svullna svullnad sväljer symtomfri tilltagande tröttare undersköters* upphostn \
            uppvak* urine usk utskrivna vak vårdtagare* vårdtyngd ätit åldersnorm ödem ögat öm ömhet överläkare*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            akut akuten allergier anhörig anhöriga avd avled avlidit basal behandlad behandlas behandling behandlingen beroende blod \
            blöja blöjor bårhus dos dropp droppet fastande hembesök hjärta hjärtat höft inlagda insatt inskrivning* intagen intagning* \
            jour jouren knä knäet kol kräfta kur kurator kuratorn lever levern lunga lungor lungorna medtagen nacke nacken nedsatt njurar \
            njure omlagd omlagt ont operation operationen operera* orolig pad pat propp pulsen ramlade ramlat recept recepten receptet \
            reflex reflexer rehab ronden sjukt sjuktal skada skadad skadade skadat skena skopi smittad smittsam sond stent stressad \
            svullen syn synen sys såren temp test testet tremor trött utskrivning* utskrivs utslag väger värk vätska vård vårdas vårdat \
            vården",
    },
    // Danish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            afebril* ambulant ammede ammer ammes anfald anlagt bevidsthed* bevidstløs* blødt bughule* centralsyg* cyste cyster dræn \
            drænet fastende febril forstuv* fødende fødsel fødslen gangbesvær* gigten henvises henvisning henvisningen henvist \
            hjertelæge* hoften hæl hælen hævelse højresidig højresidigt iltmætning indiceret instrueret jordemoder jordemødre kateterb \
            klinisk* kløe knoglen konfereres konfereret kvæst* lejring ludomani lungerne lænd lænden mislyd morgenstivhed neg objektiv \
            objektivt observeres opstart opstartes ordineres ordineret overflyttes overlæge* patologisk plejepers reservelæge* rifter \
            rigshosp* skanning spl steril sundhedsplejersk* sutureres sutureret sygeplejersk* symmetrisk synkebesvær* sårbehand* \
            tiltagende træthed udtrættet universitetshosp* vejrtræk* venstresidig* åndedræt* ødemat øm ømhed",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            barselsorlov* behandles behandlet behandlinger blind blinde blodet brud bruddet doser dosis forbinding forbindingen \
            foreneligt forhøjet forstørret forværring gipset handicap hjemmebesøg hofte hud huden hævede knude knuder knæ knæet krebs \
            lammet leveren mave maven mobiliser* natlig* nedsat ondt pille piller pleje plejepersonale* pårørende ryg scannet scanning \
            skade skadet skulderen skyllet snue stress stresset syet symmetriske tilset træt trætte udredes udredning udredt udskrevet \
            udskrivelse udskrives udskrivning* urin urolig veer vejer vågen",
    },
    // Norwegian, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            allmenntil* almenntil* avhengig bandasje barselperm bilat blødde* brekninger bryst brystet diurese dren dreneringsp drenert \
            forløsn fødselen gjenopp helsesykepleier* helsesøster* hofta høyresidig* injeksjon* innkomst jordmor jordmødre kasta \
            kateteret kikhost kneet korttidsopph* lammelser* liggesår lungene lunger lyse medisinsk* munntørr* nyre nyrer ortopedteknisk \
            overlege* pustar pusten pusting* respirasjon* rikshosp* sedert sengeliggj sengepost* sentralsyk* seponeres seponert \
            sjukepleiar* skadde snorking sondeern* sykepleiar* sykepleier* tannverk* trett universitetssjuk* universitetssyk* verkar \
            åpningsl ødem ødemer",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            behandla behandlinga dosen forverr* hals halsen hjerte hjertet hode hodet hoste hoster hosting innkom innlagt innlagte \
            innlegges kne korttids lunge mage magen nakke nakken operasjon operasjonen operatør opereres pas prolaps puls pusta pårørande \
            rier rus rygg ryggen skadd skulder skuldra slag smitta smittet sonde stell stelles stelt sting stressa sår sårene såret \
            urinen uroleg utredes utskrevet utskriven utskrives utskriving* vondt våken væske åndedrett",
    },
    // Finnish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            aistin* ajokielto alavats* allergioi* dreeni* erite* erittää eritys esitie* hidastunut imettää infekt* jalkapohj* kaatuil* \
            kasvoh keskussair* kipsattu koepaloj korona* kotiutu* kudok* kuumem kätilö* labrat lapaluu leposyke lihakset loukkaantu* \
            luuss lyhentyny* lähihoitaj* mielial* munuais* nielemis* nyrjäht* oireeseen oireeton orientoitu* osastojakso* ovulaati* \
            painei* palpaat* palpoi* pistoks* psykologi* puhekyk pyelon raajojen rintarauh* sairaanhoitaj* sokerit sormiin sykkee* tajun* \
            tajuton tajuttom* tiputus tulosyy turvot* tutkimusosast* uloste ulostee* uupunu* vartalo virtsa virtsaa virtsan virtsannut \
            voinni* yleistila* yleisvoint* yliläk* yliopistosair*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            allergiaa allergiat annettiin annettu annos burana* haava haavaa haavan haavassa haavat hengityksen hengitys hoidettu hoidon \
            hoidossa hoito hoitoa hoitoon iho ihon ihosta imetys* itkuinen jalassa kaatui kaatunu* kipsi kohonneet kohonnut kohtaus \
            kontrolli* kotikäyn* kurkku leikattiin leikattu leikkaukse* leikkaus levoton levottom* lähete lähettee* löydökse* löydös \
            murtunut niukka nukkui oire oireen omainen omaisen omaiset omaisille ompele* operoi* osastolla osastolle pistos pkl polvea \
            polven polvessa polvi pulssi päivystyk* päivystys pään raajat resepti* rinnat selkä selkää selän seuranta seurantaan sijoilt* \
            stressi sydämen sydän syke* syönyt taudin tauti tautiin tipat tippa tippaa tukos vaipat vaippa vamma vamman vastaanotolla \
            vastaanotto* vatsa vatsaa vatsan veri verta viittaava* vointi vuoto väsymys väsymyst* väsynyt ärtyinen",
    },
    // Icelandic, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            barnaspítal* batnandi bjúg bjúgi bjúgur blæðing blæðingu blæðir dofa greindist heilkenn* hjúkrunarfræðing* inniliggj* \
            innlagður innlögð kviðarh* kviður landspítal* lifur ljósmæð* ljósmóð* lungu lungum líður meiðsl* mænu niðurdreg* nýru púls \
            roði ródi sjúkraliða sjúkraliði skert slösuð spítal* sáraskipt* súrefni* tannpín* yfirlækn* áttað* æðal* óáttað* öndun* \
            útskrifast* þembd* þvag þvagi",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            auga auganu augum aðgerð aðgerðin aðgerðina aðgerðinni aðstandandi aðstandend* bak baki bakinu batnað* blóð blóði brjóst \
            brjósti dofi endurkom* endurmat fastandi fylgikvill* fæti gifs gips greind greindur greining grunur heila hjarta hjartað hné \
            hnénu háls hálsi höfuð húð innlagn* jákvætt jákvæð kálfa lagðist mettun meðferð meðferðar meðferðin neikvætt neikvæð rúmi \
            saumað* sefur sjónin skammt* slasað* slys sprauta sprautu* streita stöðug svaf svefn sár sári sárið umbúð* versnað* versnun \
            útbrot* útskrifað* útskrift útskrifuð* þreyta þreytt þreyttur þyngd þyngdist",
    },
    // English, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            ambulance* anterior bilateral bilaterally bled bleeding bowel breast breathing breathl* chronic clinically congest* \
            contusion* counselling cyst distal diuretic* drowsy fatigue fatigued fetal fluids foetal gait gcs groin histolog* impaired \
            implant* infus* lateral lesion* matron meds midline midwi* mobilis* nocte nodes nodule norovirus numbness nurse nurses \
            orderly oxygen pelvi* physician* posterior prognosis proximal relapse* sats scalp sedat* slept spleen sprain* steroids stiff* \
            stitches swab swallow swelling swollen tenderness tolerat* vascular voiding weakness",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            abort abortion acute acutely admitted ankle blood brain carer chest clinic clinical clot clots disabled discharge discharged \
            dizzy dosage dose doses draining dressing flu heart heel hip hips hospice hospital hospitals ill indication injured injuries \
            injury intact kidney knee liver lung lungs mood neck needle nerve numb pulse rash referral referred reflux severe shoulder \
            sling splint stable stool stressed stroke surgical syndrome tablets tired treatment vein veins ward weaning wound",
    },
    // What notes of all languages write alike, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            ahi alat apodos barthel* basalt billroth braden breslow brugada bulbus caput carpi cerebrum cervikal* charcot* cobb colles \
            columna cushing* distalt dosering* dosett* duodenum fazekas femur fev foley fvc gleason goldmann hallux hashimoto* hickman \
            holter* humerus igra ileum kellgren lachman lateralt lewy* lumbal* mcp multidos* murphy nrs palmar* pancreas pankreas peep \
            perthes plantar* prn proksimalt pulm pvk qds rectum rinne romberg sacrum sbar scaphoid* scheltens scheuermann* sigmoid* \
            spatium tds thorakal* tibia torakal* ulcus valgus vena ventrik* whipple*",
    },
    // What notes of all languages write alike, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            addison* arteria bcg bup colon cor dorsal* fossa gyn hba icd inr laktat mmr prostata psa psyk rads stase tia timi vas visus",
    },
];
