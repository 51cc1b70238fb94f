//! Words that speak of somebody's health.
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
            abort* adhd akutmottagning* alkoholism* alkoholist* alkoholmissbruk* allergi* alloplastik* alvedon* alzheimer* amputer* \
            anorexi* antibiotik* antidepress* arbetsoförmåg* arbetsskad* artrit* artros* artärflimmer asperger* astma* atorvastatin* \
            autis* avgiftning* benbrott* benskör* beroendevård* biopsi* bipolär* blodcancer* blodförgiftning* blodprov* \
            blodtransfusion* blodtryck blodtrycks* borrelia* bricanyl* bronkit* bröstcancer* bulimi* cancer* ceftriax* celiaki* \
            cellgift* cirros* citalopram* concerta coronasmitt* covid* crohn* cytostatik* datortomograf* demens* dement depression* \
            deprimer* diabet* diagnos* dialys* diskbråck* distriktssköters* dyslexi* dövblind* egenremiss* eksem* eliquis elvanse \
            emfysem* enalapril* epilep* escitalopram* fibromyalgi* fluoxetin* fragmin funktionshind* funktionsned* furix färdtjänst* \
            förlamad* förlossning* förmaksflimmer* gabapentin* gallsten* geriatri* glaukom* glutenintoleran* gonorré* gravid* \
            habilitering* havande hepatit* herceptin* herpes* hiv hivpositiv* hjärnblödning* hjärnskakning* hjärntumör* hjärtflimmer* \
            hjärtinfarkt* hjärtoperation* hjärtsjuk* hjärtsvikt* hospice* hudcancer* hypertoni* höftled* höftoperation* höftprotes* \
            hörapparat* hörselskad* ibuprofen* imovane infertil* insulin* ischias* journalanteckning* kejsarsnitt* kemo keppra \
            klamydia* klimakteri* knäoperation* knäprotes* kolesterol* kolit* kortison* kärlkramp* könssjukdom* laktosintoleran* \
            lamotrigin* laparoskop* leukemi* levaxin* levercirros* levetiracetam* livmodercancer* lungcancer* lunginflammation* \
            lymfom* lyrica läkarintyg* långtidssjuk* magnetröntgen* magsår* medicinering* melanom* metadon* metastas* metformin* \
            metoprolol* migrän* mirtazapin* missfall* morfin* mödravård* narkoman* narkosläk* njursten* njursvikt* novorapid \
            nötallerg* olanzapin* omeprazol* onkolog* opererad* opererats oxascand* oxikodon* ozempic palliativ* panikattack* \
            paracetamol* parkinson* patient* penicillin* pneumoni* pollenallerg* prednisolon* pregabalin* propavan prostatacancer* \
            provtagning* psoriasis* psykiat* psykmottagning* psykos* ptsd quetiapin* rehabilitering* risperidon* ritalin* rullstol* \
            ryggont ryggoperation* ryggskott* röntg* rörelsehind* salmonella* schizofren* sepsis* sertralin* simvastatin* sjukanmäl* \
            sjukdom* sjukersättning* sjukförsäkring* sjukgymnast* sjukhus* sjukintyg* sjukpenning* sjukskriv* sjuksköterska* \
            sjukvård* självmord* självskad* skleros* slutenvård* sobril stelopererad stesolid stomi* stroken strålbehandl* \
            strålterapi* subutex suicid* syfilis* symbicort* synskad* sårvätska* timolol* tjocktarmscancer* tourette* tramadol* \
            tuberkulos* tumör* tvångssyndrom* tyroxin* ultraljud* utbränd* utbränning* utmattad utmattnings* venlafaxin* ventoline* \
            victoza vårdcentral* waran warfarin* wegovy xarelto zopiklon* ätstörning* ångest* öppenvård* överläkare*",
    },
    // Swedish.
    Group {
        confidence: 0.65,
        words: "\
            barnmorska* bruten doktorn dosett* feber febrig fraktur* förkyl* halsfluss halsont handikapp* hosta huvudvärk* \
            illamående influensa* inlagd intagen karantän* kräkningar kräks kräkt läkare läkaren läkemedel* magsjuk* medicin \
            medicinen mediciner missbruk* ordination psykolog* recept receptbelag* receptet receptförny* remissen ryggsmärt* sjuk \
            sjuka sjukdagar sjukfrånvaro smärta smärtor stelkramp* svimmade svimmar svimning sårvård tandläk* tandvård terapeut* \
            terapi* vaccin* värk vårdad vårdas yrsel",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            behandling behandlingen beroende blod dropp hörsel kräfta kur operation operationen operera* propp rehab remitter* sjukt \
            skada skadad skadade steril* stress stressad stroke syn sår test testet trött vård vården",
    },
    // Danish.
    Group {
        confidence: 0.9,
        words: "\
            afgiftning* afrusning* alkoholik* alkoholmisbrug* angst angsten anoreksi* arbejdsevne* arbejdsskade* barselsorlov* \
            bevægelseshæmm* binyrebarkhormon* blodforgiftning* blodprop* blodtryk* blærebetændelse* brystkræft* cøliaki* depressiv* \
            diskusprolaps* distriktspsykiat* fertilitetsbehandl* fleksjob* førtidspension* genoptræning* gigt glutenallerg* \
            handicappede handicappet hivsmittet hjemmepleje* hjerneblødning* hjernerystelse* hjernetumor* hjerteflimmer* \
            hjerteinfarkt* hjertepatient* hjertestop* hjertesvigt* hjertesyg* hofteoperation* hudkræft* høreapparat* hørehæmm* \
            indlagt indlæggelse* inkontinen* iskias* jordemoder* jordemor kejsersnit* kemoterap* knogleskør* knæoperation* \
            kontaktsygeplejerske* kronikere* kronisk kræft* kønssygdom* kørestol* laktoseintoleran* lammelse* langtidssyg* \
            leddegigt* leukæmi* leverbetændelse* lindrende livmoderhalskræft* lungebetændelse* lungekræft* lykkepiller* \
            lægeerklæring* lægemiddel* mavesår* medicinsk* migræne* mulighedserklæring* mælkeallergi* nyresten* nyresvigt* nyresyg* \
            operationssår opereret ordblind* overfølsom* overgangsalder* overlæge* panikangst* panodil* plejehjem* prostatakræft* \
            psykisk ressourceforløb* revalider* rygoperation* selvmord* selvskad* skadestue* skizofren* skrumpelever* slidgigt* \
            smertestillende* smittet speciallæge* spiseforstyrr* stofmisbrug* stresssygemeldt strålebehandl* svagtseende \
            svangerskab* sygdom* sygedagpenge* sygehus* sygemeld* sygeplejerske* sårpleje tarmkræft* tyktarmsbetændelse* udbrændt* \
            udslæt urinvejsinfektion* øjenafdeling*",
    },
    // Danish.
    Group {
        confidence: 0.65,
        words: "\
            behandles besvimede besvimet brækkede brækket egenlæge feberen forkølelse* forkølet fysioterap* fødsel fødslen \
            halsbetændelse* hovedpine* kvalme læge lægen misbrug* ondt opkast* recepten rygsmerter* smerte smerter svimmel \
            svimmelhed* syg syge sygedag* sygefravær* sygt tandlæge*",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            blind blinde blodet handicap krebs lammet pille piller pleje skade skadet stresset udskrevet",
    },
    // Norwegian.
    Group {
        confidence: 0.9,
        words: "\
            alkoholmisbruk* anfallsmedisin* angstanfall* angstlidelse* arbeidsavklaring* atrieflimmer* avrusning* beinskjør* \
            betennelsesdempende bevegelseshem* blodfortynnende blærekatarr* brystkreft* cellegift* depresjon* dysleksi* døvblind* \
            egenmelding* fastlege* funksjonshem* funksjonsned* fødselspermisjon* føflekkreft* gallestein* helsesøster* \
            hjarteinfarkt* hjartesvikt* hjemmesykepleie* hjerneslag* hjernesvulst* hjertefeil* hjertesykdom* hofteoperasjon* \
            hudkreft* hørselshem* hørselsskad* isjias* jordmor keisersnitt* kjønnssykdom* kneoperasjon* kreft* langtidssjuk* \
            langtidssyk* leddgikt* legeerklæring* legemiddel* legemidler legevakt* livmorhalskreft* lungebetennels* lungekreft* \
            lungesykdom* magesår* matallerg* melkeallerg* muskelsyk* narkomisbruk* nyrestein* nyresvikt* nyresyk* nøtteallerg* \
            operasjonssår operert overlege* panikkangst* pasient* prostatakreft* prøverør* psykiske revmat* rullestol* rusakutt* \
            rusavhengig* rusbehandl* ruslidelse* rusmisbruk* rusomsorg* ryggoperasjon* sjukepenge* sjukepleiar* sjukmeld* sjølvmord* \
            skiveprolaps* skrumplever* slitasjegikt* smertestillande* spesialisthelse* spontanabort* stråleterapi* svaksynt* \
            svangerskap* sykdom* sykehjem* sykehus* sykemeld* sykepengar sykepenge* sykepleier* sykmeld* synshem* tarmkreft* ufør \
            uføre uførepensjon* uføretrygd* urinveisinfeksjon* utbrent* utmattelse* utslett yrkessjuk* yrkesskade*",
    },
    // Norwegian.
    Group {
        confidence: 0.65,
        words: "\
            bihulebetennelse* brukket forkjølelse* forkjølet halsbetennelse* hodepine* hovudverk* kvalm lege legen medisin* \
            omgangssyk* oppkast* resept* ryggsmerter* sjuke sjukefråvær* smertene syk syke sykefravær* sykt tannlege* vaksin* vondt",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            avhengig behandlinga innlagt operasjon operasjonen prolaps rus skadd slag stressa",
    },
    // Finnish.
    Group {
        confidence: 0.9,
        words: "\
            ahdistus* aivohalvau* aivoinfarkti* aivokasvai* aivotärähdy* aivoverenvuo* amputoi* antibiootti* atooppi* burana \
            burnout* dementia* diabeetik* diagnoosi* dialyysi* eteisvärinä* eturauhassyöpä* haavanhoi* halvaantu* hammashoi* \
            hedelmöityshoi* hepatiitti* hoitotyö huumekuntoutu* huumeriippuv* ihosyöpä* ihottuma* insuliini* itsemurha* itsetuho* \
            kaksisuuntai* kasvaim* kasvain* katkaisuhoi* kehitysvamma* keisarileikkau* keliakia* keskenmeno* keuhkoahtauma* \
            keuhkokuume* keuhkoputkentuleh* keuhkosyöpä* kipulääk* koliitti* korona* korvaushoi* kotihoido* kotisairaanhoi* \
            kuntoutu* kuppa kuulokoje* kuulovammai* kätilö* lapsettomuus* leikattiin leikattu leikkaukse* leikkaus leikkausjono* \
            liikuntavamma* lonkkaleikkau* lukihäiriö* lymfooma* lähete lähettee* lääke lääkity* lääkkee* lääkäri* magneettikuva* \
            mahahaava* maksakirroosi* marevan* masennu* masentun* melanooma* mielenterveys* mielialalääk* mielisairau* migreeni* \
            morfiini* muistisairau* munuaiskiv* munuaisten* neuvola* nivelreuma* nivelrikko* näkövammai* panadol* paniikkihäiriö* \
            polvileikkau* potila* psoriaasi* psykoosi* puudutu* pyörätuol* pähkinäallergi* päihde* päihteid* päivystyk* raskaana \
            raskaude* raskaus reuma* rintasyöpä* saattohoi* sairaala* sairaanhoitaj* sairaspäivä* sairastaa sairastui sairastunu* \
            sairaude* sairaus* sappikiv* selkäkipu* siitepölyallergi* skitsofreni* sokeritauti* solunsalpaaja* sukupuolitauti* \
            suolistosyöpä* sydäninfarkti* sydänkohtau* sydänsairau* sydänvika synnytti synnyty* sytostaat* syömishäiriö* syöpä* \
            syövä* sädehoido* sädehoito* terveydenhuol* terveyskesku* tippuri* tuberkuloosi* työkyvyttömy* työkyvytön työtapatur* \
            työterveys* työuupumus* ultraääni* unilääk* uupumus* vaihdevuo* vammai* vammautu* vatsahaava* verenmyrkyty* verenohen* \
            verenpaine* verikoke* veritulp* virtsatietuleh* vuodeosasto* välilevy* äitiysloma* äitiysneuvola*",
    },
    // Finnish.
    Group {
        confidence: 0.65,
        words: "\
            flunssa* hammaslääk* hoitaja* huimau* influenssa* kipeä kipeänä kipu kipuja kurkkukipu* kuume kuumeinen kuumetta \
            murtuma* nuha oksenn* pahoinvoin* pyörty* päänsär* rokot* sairaana sairas särky vatsatauti* yskä*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            haava halvaus hoidossa hoito kohtaus stressi tauti vamma veri väsynyt",
    },
    // Icelandic.
    Group {
        confidence: 0.9,
        words: "\
            afeitrun* aflim* alkóhólis* asma astmi bakverk* barkster* beinþynning* berkla* blóðeitrun* blóðprufu* blóðtappa* \
            blóðþrýsting* blöðruhálskirtil* brjósklos* brjóstakrabbamein* bráðadeild* bráðamóttak* bráðamóttök* einhverf* \
            eitlakrabbamein* elliglöp* endurhæfing* exem exemi fatlað* flogaveik* frjóofnæmi* fæðing fæðingarorlof* fíkil* fíkla \
            fíkn fíkni* fóstureyðing* fósturlát* fötlun* fötluð gallstein* geislameðferð* geðdeild* geðhvörf* geðklof* geðlækn* \
            geðrof* geðræn* geðsjúk* gigtar* glasafrjóvgun* glútenóþol* gáttatif* heilabilun* heilablæðing* heilablóðfall* \
            heilahristing* heilaæxli* heilsugæsl* heyrnarlaus* heyrnarskert* heyrnartæk* hjartabilun* hjartaflökt* hjartasjúkdóm* \
            hjartaáfall* hjólastól* hjúkrunarfræðing* hnetuofnæmi* hnéaðgerð* hreyfihöml* hvítblæði* háþrýsting* húðkrabbamein* \
            innlögn* insúlín* keisaraskurð* klamydíu* krabbamein* kransæð* kulnun* kvíða kvíðakast* kvíðarösk* kvíði* kynsjúkdóm* \
            kólesteról* kóvid lamað* legslímu* lekand* lesblind* lifrarbólg* liðagigt* ljósmæð* ljósmóð* lungnabólg* \
            lungnakrabbamein* lyfin lyfjagjöf* lyfjameðferð* lyfjum lyfseðil* lystarstol* læknavottorð* líknandi líknarmeðferð* \
            lömun* magasár* meinsemd* meðganga meðgöngu* mjaðmaaðgerð* mjólkuróþol* mænusigg* mígreni* nýrnabilun* nýrnastein* \
            ofnæmi* ofsakvíð* ofvirkni* psoríasis ristilkrabbamein* segulómun* sjálfsskað* sjálfsvíg* sjónskert* sjúkdóm* sjúkling* \
            sjúkrabíl* sjúkradagpening* sjúkrahús* sjúkranud* sjúkrasjóð* sjúkraskrá* sjúkraþjálf* skorpulifur* skurðaðgerð* \
            slitgigt* svefnlyf* sykursýki* sárasótt* sóri sýklalyf* tíðahvörf* vefjagigt* veik veikinda* veikindi* veikindum veikt \
            veikur verkjalyf* vinnuslys* vímuefna* yfirlækn* áfallastreit* áfengismeðferð* áfengissýki* áfengisvanda* átröskun* \
            æxli* ófrjósemi* ólétt* ómskoðun* örorku* öryrk* útskrifað* þroskahöml* þunglynd* þungun* þunguð þvagfærasýking* \
            þvagleka*",
    },
    // Icelandic.
    Group {
        confidence: 0.65,
        words: "\
            beinbrot* bólusetn* flensa* flensu* fótbrot* handleggsbrot* hita hálsbólg* höfuðverk* kvef* lasin lasinn lyf lækna lækni \
            læknin* læknir læknis slappur slöpp svima sálfræðing* sálfræðiviðtal* tannlækn* uppköst verki verkir verkur ógleði*",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            aðgerð aðgerðina blóð greining meðferð slasað* slys streita sár þreytt þreyttur",
    },
    // English.
    Group {
        confidence: 0.9,
        words: "\
            addict addicted addiction allergy amputat* amputee* anaesthe* anaphyla* anesthe* aneurysm* angina antibiotic* anxiety \
            arthritis asthma* biopsy bipolar bronchitis caesarean* cardiac cardiolog* celiac* chemo chemotherap* childbirth \
            chlamydia cholesterol* cirrhosis coeliac concussion* coronavirus cortisone depressed dermatolog* detox* disabilit* \
            disease* eczema embolism emphysema endometrio* fibrillation* fracture* gallstone* gonorrh* gynaecolog* hernia* hospital \
            hospitalis* hospitaliz* hospitals hypertens* illness* incontinen* inpatient* laparoscop* leukaemia* lymphoma* maternity \
            medication* menopaus* metastatic methadone* midwif* migraine* miscarr* morphine* neurolog* nurse nurses oncolog* \
            osteoporo* outpatient* oxycodone* painkiller* paralys* paralyz* physiotherap* postop* pregnan* preop* prescri* \
            psychiatr* psychosis psychotherap* psychotic radiotherap* rheumat* schizophren* sciatica sclerosis sedative* seizure* \
            sickness* surgeon* surgeries surgery syphilis thrombosis tuberculosis tumor* tumour* ulcer* urolog* wheelchair*",
    },
    // English.
    Group {
        confidence: 0.6,
        words: "\
            alcoholi* bleeding bruise* clinic cough* deaf dizziness dizzy doctor fainted fever flu handicapped headache* infection* \
            injured injuries injury medicine* nausea pain pains sick symptom* therapist* therapy unwell vomit*",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.4,
        words: "\
            disabled ill stressed tired treatment wound",
    },
];
