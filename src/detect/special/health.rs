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
            aborten aborterade adenokarc* adenom adhd aktivitetsersättning* akutbesök* akutläkar* akutmottagning* akutrum akutvård* \
            alkoholber* alkoholism* alkoholist* alkoholmissbruk* alkoholpåverkad allergi* alloplastik* alvedon* alzheimer* \
            ambulansjournal* amputer* amyotrof* anamnes* andningsljud* andnöd* anemi anemin anestes* aneurysm* antibiotik* aortasten* \
            appendicit* arbetsoförmåg* arbetsskad* arbetsterapeut* artrit* artros* artärflimmer arytmi* asperger* aspirerat ataxi ataxin \
            atorvastatin* avgiftning* avvänjning* barnläkar* barnneurolog* barnpsyk* basaliom* bechterew* benbrott* benskör* bensår* \
            beroendemottag* beroendevård* beteendestör* bipolär* blindtarm* blodcancer* blodförgiftning* blodgas* blodkultur* blododling* \
            blodprov* blodsocker* blodtryck blodtrycket blodtrycks* blodvärde* blåskatarr* blåsljud* blödarsjuk* borderline borreli* \
            bradykardi* bricanyl* bronkit* bronkoskop* bröstcancer* bröstsmärt* bukop buksmärt* bukspottkörtel* bvc bältros* cancer* \
            ceftriax* celiaki* cellgift* cellprov* cirros* citalopram* concerta coronasmitt* covid* cpap cystit cystoskop* cytolog* \
            cytostatik* datortomograf* demens* depression* depressiv* deprimer* dialys* diarré* dietist* diskbråck* distriktsläkar* \
            divertikul* drogberoende* drogmissbruk* dyspné dövblind* egenremiss* egenvård* ekokardiograf* eliquis elvanse embolus \
            emfysem* enalapril* encefal* endokardit* endoskop* epikris* erektil* erysipelas escitalopram* faecalis fibros* fluoxetin* \
            foglossning* fotodokumenter fotsår* fragmin frakturen frakturer funktionshind* funktionsned* funktionsvari* furix \
            förkylningen förlamad* förlossning* förmaksfl* förstopp* förvirringstillst* gabapentin* gallblås* gallgång* gallsten* \
            gastrit* gastroskop* gastrostom* geriatri* gikt glaukom* glutenintoleran* gonorré* gravid* gynekolog* habilitering* halsböld* \
            halsfluss* havande havandeskap* hemipares* hemiplegi* hemofili* hemoglobin* hemorrojd* hemsjukv* hepatit* herceptin* herpes* \
            hivpositiv* hjärnblödning* hjärnhinne* hjärninfarkt* hjärnskad* hjärnskakning* hjärntumör* hjärtbesvär* hjärtfel \
            hjärtflimmer* hjärtfrekv* hjärtinfarkt* hjärtklapp* hjärtmedicin hjärtoperation* hjärtsjuk* hjärtstillest* hjärtstopp* \
            hjärtsvikt* hudcancer* hudläkar* hudmottag* husläkar* hydronefros* hyperglyk* hypertoni* hypertyre* hypoglyk* hypoton \
            hypotoni hypotyre* hälsocentral* hälsporr* höftled* höftoperation* höftprotes* hörapparat* hörselnedsätt* hörselskad* \
            immunbrist* imovane impotens* infarkt* infektionsklin* infertil* inhalation* inhalator* inkontin* insemination* insjukn* \
            insulin* intensivvård* intoxikation* intubera* ischias* iskemi* isksemi* jourläkar* journalanteckning* journalförd \
            karpaltunn* katarakt* kateter* kejsarsnitt* kemo keppra kikhosta* kirurg* klamydia* klimakteri* knäbesvär* knäoperation* \
            knäprotes* koagul* kolangit* kolecyst* kolit* koloskop* kolostom* kols kommotio kondylom* kramper kranialnerv* kreatinin* \
            krupphost* kärlkramp* könsdysfori* könssjukdom* labbprov* labsvar* laktosintoleran* lamotrigin* laparoskop* lasarett* \
            ledgångsreum* leukocyt* levaxin* leversjuk* levetiracetam* lipödem* ljumskbråck* ludoman* lungcancer* lungembol* lungfibros* \
            lunginflammation* lungmott* lungröntg* lymfkört* lymfom* lymfödem* lyrica läkarbesök* läkarintyg* läkarsamtal* läkartid* \
            läkemedelslist* långtidssjuk* magbesvär* magcancer* magnetröntgen* magsår* mastit* matförgiftning* matstrupscancer* \
            medicinklin* medicinlist* melanom* menisk* metadon* metformin* metoprolol* migrän* minnesmottag* mirtazapin* missbildning* \
            missfall* morfin* mrcp multisjuk* myelom* mässling* mödrahälso* mödravård* nackbesvär* nackspärr* narkolepsi* narkoman* \
            narkos narkosläk* narkotikaberoende* narkotikaklass navelbråck* nefrolog* nefropati* neuropati* njurbäcken* njurcancer* \
            njurfunk* njursjuk* njursten* njursvikt* njurtranspl* näringsdryck* nötallerg* obduktion* olanzapin* omeprazol* omvårdnad* \
            onkolog* operationsberätt* operationssjuk* opererad* opererats otit oxascand* oxikodon* ozempic pacemaker* palliativ* \
            palpabel palpera* panikattack* pankreatit* papillomvirus* parasitemi patient* pcos penicillin* perikardit* permobil* \
            personlighetsstör* pleura* pneumotorax podagra* pollenallerg* polyneuro* pregabalin* prematur* propavan prostatacancer* \
            prostatit* provrörsbefr* provtagning* psykmott psykmottagning* psykos* psykoter* pulmonal* pyelonefrit* påssjuka* quetiapin* \
            recidiv* refluxsjukd* rehabilitering* rehabklin* relaps revbensfrak* ringorm* risperidon* ritalin* rollator* rullstol* \
            ryggbesvär* ryggmärg* ryggont ryggoperation* ryggskott* ryggsmärt* rättspsyk* röntg* rörelsehind* salmonella* sarkom* \
            scharlakan* sectio sertralin* sinuit* sinusrytm* sjukanmäl* sjukbesök* sjukersättning* sjukfrånvaro* sjukförsäkring* \
            sjukgymnast* sjukhem* sjukhist* sjukhus* sjukintyg* sjukledig* sjukpenning* sjukpension* sjukresa* sjukreseers* sjukresor* \
            sjukskr* sjuksköt* sjuksköterska* sjukvård* självmord* självskad* skabb skelettcancer* skleros* skolhälsov* skolios* \
            sköldkörtel* slutenvård* smärtlindr* smärtstill* sobril sondmat* specialistmödra* specialistsjuk* specialistvård* \
            spelberoende* spelmissbruk* spirometri* stelopererad stemi stesolid stomi* strokeenhet* stroken struma strupcancer* \
            strålbehandl* strålterapi* stukad stukning* subarach* subutex sutur suturer suturtag* svinkopp* syfilis* symbicort* synkope \
            synnedsätt* synskad* syrebrist syrgas* sårvätska* sömnapn* sömnstör* sömnsvår* takykardi* tandhygien* tandsköters* \
            tarmbesvär* tarmcancer* telefonrådgivn thorax timolol* tjocktarmscancer* tourette* tracheo* tramadol* transfusion* \
            transplanterad* trombektomi* trombocyt* trombos* trycksår* tuberkulos* tumör* tvångssyndrom* tvångstank* tvångsvård* \
            tyreotox* tyroxin* ultraljud* underliv* undervikt* urinodling* urinprov* urinsticka urinstix* urinvägsinf* utbränd* \
            utbränning* utmattad utmattnings* utvecklingsstör* vacciner* vattkoppor* venlafaxin* ventoline* victoza viktnedgång* \
            vinterkräk* vårdbegäran* vårdcentr* vårdförlopp* vårdkontakt* vårdplanering* vårdplats* vårdtid* waran warfarin* wegovy \
            whiplash* xarelto zopiklon* äggstockscanc* ätstörning* ångest* ögonklin* ögonläk* ögonmott* öppenpsyk* öppenvård* \
            öroninflamm* öronklin* ötrehab överkänslig*",
    },
    // Swedish.
    Group {
        confidence: 0.65,
        words: "\
            alkoholprobl* assistanshund* barnlöshet* barnmorska* blöder blödning* bruten brytpunktssam doktorn feber feberfri febern \
            febrig fertilitets* fraktur* färdtjänst företagshälsov* förkyl* halsont handikapp* hjärtproblem* hosta hostan hostar \
            huvudvärk* hörselprobl* illamå* infertilit* influensa* karantän* knäproblem* kräk* ledarhund* läkar* läkemedel* magsjuk* \
            malaria* medicin missbruk* nackproblem* ordination ordinerad ordinerat preventivmed* psykolog* receptbelag* receptförny* sjuk \
            sjuka sjukan* sjukdagar sjukling* sjukstug smärt* stelkramp* svimm* svimning symtom* synproblem* sårvård tandläk* tandvård* \
            teckenspråkstolk* terapeut* terapi* vabba vabbade vabbar vabbat vabruari vaccin* vattkop värken vårdad yrsel yrseln öronont",
    },
    // Danish.
    Group {
        confidence: 0.9,
        words: "\
            adfærdsforstyrr* afasi* afgiftning* afrusning* akutafd* akutklin* akutlæge* akutmodtag* alkoholabst* alkoholafhængig* \
            alkoholbehand* alkoholik* ambulatorie* ambulatorium angst angsten angstlidelse* anoreksi* anæmi* anæstesi* apnø* apopleks* \
            arbejdsevne* arbejdsmedicin* arbejdsskade* armbrud* atrieflagren atrieflimren bagerastma barselafs* barselsafs* barselsdep \
            barselspsyk* behandlingspsyk* benbrud* bevægelseshæmm* binyrebarkhormon* bloddyrkn* blodforgiftning* blodprop* blodsukker* \
            blodtransf* blodtryk* blærebetændelse* blærekræft* blødersygdom* brystkræft* brystsmert* brækfornemm* bugspytkirtel* \
            børnelæge* børnemodtag* børnepsyk* børnesår cikatrice* cøliaki* decubitus dement demente diarre* diskospro* diskusprolaps* \
            distriktspsykiat* diætist* dyspnø* efterfødselsreak* egenlæge* eksem eksemen eksemer eksemet ergoterap* feberkramper \
            fertilitetsbehandl* fertilitetsklin* fleksjob* fnat fodsår* fodterap* forløbskoordinat fosterskad* fostervand* fødeafd* \
            fødeafsnit* fødemodtag* fødestue* fødselslæge* fødselsplan* førtidspens* galdeblær* galdesten* galdevej* genoplivning* \
            genoptræn* gigt gigtsyg* glutenallerg* gynækolog* handicappede handicappet hivsmittet hjemmepleje* hjemmesygepl* \
            hjerneblødning* hjernehinde* hjernesvulst* hjernetumor* hjerteaktion* hjerteanfald* hjerteklap* hjertemed* hjertepatient* \
            hjerterytme* hjertestop* hjertesvigt* hjertesyg* hoftebrud* hoftefrakt* hofteoperation* hospitalsindlæg* hospitalsopho* \
            hospitalspræst hovedtraum* hudkræft* hudlæge* hudsyg* hæmoglobin* hæmorroid* hørehæmm* hørenedsæt* høreskad* høretab indlagt \
            indlæggelse* indlægger indlægges infektionsmed* influenzasm* intensivafd* intensivafsnit* intuberet iskæmi* jordemoderbes* \
            jordemoderkonsult* jordemodernot* jordemor jordemød* keisersnit kejsersnit* kemoterap* kighoste* kikkertunders* \
            klinisksygepl* knoglebrud* knogleskør* knæartro* knæoperation* knæprote* kolpatient* kolsyg konfus konstip* \
            kontaktsygeplejerske* koronar* kransåre* kredsløbssyg* kronikere* kronisk kræft* kvalmende kønssygdom* kønssyge* kørestol* \
            laboratoriesvar laktoseintoleran* lammelse* langtidssyg* leddegig* ledsmert* leukæmi* leverbetændelse* levercirr* leversyg* \
            levesyg* lindrende livmoder* logopæd* lokalbedøv* lungeafd* lungebetændelse* lungeklin* lungekræft* lungemed* lungesyg* \
            lykkepiller* lyskebrok* lægeambul* lægebesøg* lægebil* lægeerklæring* lægehjælp* lægehus* lægekonsult* lægemiddel* \
            lægesamtale* lægetid* lægeundersøg* lægevagt* mavekatar* mavesmert* mavesår* mavetarm* medicinering medicinsk* mellemøre* \
            migræne* misbrugsbehand* misbrugscent* mulighedserklæring* muskelsvind* mælkeallergi* mæslinger nedtrykt neurorehab* \
            nyrebækken* nyrefunk* nyrekræft* nyremed* nyresvigt* nyresyg* nældefeber* operationsbeskriv* operationsnotat* operationssår \
            opereret opvågning* ordblind* organdonat* ortopæd* overfølsom* overvægtig panikangst* panodil* plejebehov* plejecenterlæge \
            plejehjem* posttraumat* prostatakræft* prostataunders* respirationsstop ressourceforløb* revalider* rygestop* rygmarv* \
            rygoperation* rygsygd* røntgen* sanseløs scanningssvar selvmord* selvskad* senfølger sengeliggende seponer* sindslid* \
            sindssyg* skadestue* skizofren* skizotypi* skrumpelever* skulderluks* slagtilfæld* slidgigt* smertebehandl* smertedæk* \
            smerteklinik* smerteplaster socialpsyk* spasticitet* speciallæge* spinalbedøv* stofafhængig* stofmisbrug* stofskifte* \
            stresssygemeldt strålebehandl* stuegang* sukkersyg* sundhedsplej* svagsynet svagtseende svangerskab* svangreunders* sygdom* \
            sygedagp* sygeforsikr* sygehistor* sygehus sygemeld* sygeorlov* sygepleje* sygeplejerske* sygesikring* synshandicap* \
            synsnedsæt* sårplej* sårsygepl* tandlægejour* tandlægeskræk tarmkræft* tarmsygd* terminalerk* trombolyse* tryksår* \
            tyktarmsbetændelse* udbrændt* udslæt udviklingshæm* uhelbredelig* urinvejs* urolog* vandafgang* vandladning* veerne vægttab* \
            åreforkalk* åreknude* æggestokkræft* ængstelig øjenafdeling* øjenklin* øjenlæge* øjensygd* ørebetænd* ørelæge*",
    },
    // Danish.
    Group {
        confidence: 0.65,
        words: "\
            barnløshed* besvimede besvimet blødning blødninger brækkede brækket feberen febrilsk forkølelse* forkølet førerhund* \
            halsbetændelse* hospitalet hovedpine* knæproblem* læge lægen lægens misbrug* nakkeproblem* opkast* prævention* rygproblem* \
            rygsmerter* servicehund* smerte smerter smerteri* syg syge sygedag* sygefravær* sygehusets sygt symptom* tandlæge* \
            tegnsprogstolk* tilskadekom*",
    },
    // Norwegian.
    Group {
        confidence: 0.9,
        words: "\
            akuttinnlegg* akuttmottak* alkoholavheng* alkoholmisb* alkoholproblem* ambulansejour* anfallsmedisin* angrepspille \
            angstanfall* ankelbrudd* arbeidsavklaring* atrieflimmer* avføring* avhengigheit avrusning* barneavdel* barneleg* barnepsyk* \
            barselavd* barseldep* barselnotat beinbrudd* beinskjør* betennelsesdempende bevegelseshem* bihulebet* blodfort* blodprøv* \
            blodtapp blærebeten* blærekatarr* blærekreft* blødningsforst brystkreft* bryststråling bukspyttkjertel* cellegift* depresjon* \
            diaré* dysleksi* dyspnoe døvblind* egenmelding* eggstokkreft* ekkokardi* ernæringsfys* fastlege* feberkramp fotsopp fotterap* \
            funksjonshem* funksjonsned* fødeavd* fødselsdepr* fødselslege* fødselsperm* føflekkreft* følgesjukd førstegangsfødende \
            galleblære* gallestein* heilsest* heilsesøst* heimesjukepl* helsesekret* helsesjuk* helsestasjon* helsesykepl* hemoragi* \
            hjarteinf* hjartekar* hjarteproblem* hjartesjuk* hjartesvikt* hjemmesykepleie* hjernehinnebet* hjerneinfarkt* hjernekreft* \
            hjernerystelse* hjerneskad* hjerneslag* hjertebank* hjertefeil* hjerteflimmer* hjerteinfark* hjertekar* hjertelyd* \
            hjertestans* hjertesvikt* hjertesyk* hjertetrans* hodeskad* hodetraum* hofteoperasjon* hofteprote* hudkreft* hudlege* \
            hudsykd* hudutslett håndleddsbrudd* høreapparat* hørselshem* hørselsskad* hørselstap innkomstjour* innkomstnotat* innlagd \
            innleggelse* intensivavd* intensivbeh* isjias* jordmorkontroll* jordmornotat* karies keisersnitt* kikhoste* kjønnssykdom* \
            kneoperasjon* kneoperert kneprote* knesmert* kolspas* korsbånd* korttidsplass* kreft* kronisksyk kvalmestill* kvisete* \
            langtidssjuk* langtidssyk* leddgikt* leddsmerte* leddsykd* legebesøk* legebil* legeerklæring* legehenv* legekontor* \
            legemiddel* legemidler legesenter* legetime* legevakt* leggsår* leversykd* livmorhals* lungeavd* lungebetenn* lungeembol* \
            lungekreft* lungelege* lungerønt* lungesykdom* lymfødem* lårbens* lårhals* magesmerte* magesår* mandelbeten* matallerg* \
            medisinliste* melkeallerg* mellomør* meslinger migren* misdannels* muskelsmerte* muskelsyk* nakkesleng* nakkesmert* \
            narkomisbruk* narkose* nevrolog* nevropati* nyfødtint* nyrekreft* nyrestein* nyresten nyresvikt* nyresyk* nyretransp* \
            nøtteallerg* operasjonsbeskriv* operasjonssår operert overgangsald* overvektig panikkangst* pasient* prikktest* prolapsop \
            prostatakreft* prøverør* psykisk psykiske psykologspes* revmat* ribbeinsbrudd* ribbensbrudd* rullestol* rusakutt* rusavh* \
            rusbehandl* rusinst* ruslidelse* rusmiddel* rusmisbruk* rusomsorg* rusproblem* russamt* ryggmerg* ryggoperasjon* ryggplager \
            ryggprolaps* ryggsmert* senebetennel* sengeleie senkomplik sinnslid* sjukdom* sjukeheim* sjukehus* sjukepenge* sjukepleia* \
            sjukmeld* sjølvmord* skarlagensfeb* skiveprolaps* skjelettsmert skjoldbrusk* skoldkopp* skrumplever* skulderoper slagpasient* \
            slagrammet slitasjegikt* smertelind* smertestill* spesialisthelse* spesialistleg* spilleavheng* spiseforstyrr* spontanabort* \
            spontanpust spysyk* spyttprøve stoffskifte* strupehode stråleterapi* sukkersyk* svaksynt* svangerskap* sykdom* sykehjem* \
            sykehus* sykemeld* sykepengar sykepenge* sykepl* sykmeld* synshem* synstap* sårjournal* sårskift* sårstell* søvnapn* søvnløs* \
            søvnvansk* tannpleie* tarmkreft* tarmslyng* tarmsykd* testosteronbehandling tilsynsleg* trykksår* turnusleg* tvangsinnl* \
            tvangstank* ufør uføre uførepensjon* uføretrygd* ultralyd* urinprøve* urinvegs* urinvei* utbrent* utmattelse* \
            utskrivningsklar utslett utviklingshem* vaksiner* vannlating* vektreduksjonsop vekttap* venekateter* yrkessjuk* yrkesskade* \
            åndenød* åreknut* ørebetenn* øyelege* øyesykd*",
    },
    // Norwegian.
    Group {
        confidence: 0.65,
        words: "\
            barnløshet* barnløys* bedriftshelsetj* bihulebetennelse* brukket brystsm forkjøl* halsbetennelse* hjerteproblem* hodepine* \
            hosteanf hovudpine hovudverk* kneproblem* kreftsm kvalm* lege legen legens magesjuk* medisin* omgangssju* omgangssyk* \
            oppkast* pasientar prevensjon* pustebesv* resept* ryggplag* ryggproblem* ryggsmerter* sjuke sjukefråvær* sjukevakt skadelege \
            smertefri* smertene syk sykefravær* tannlege* tegnspråktolk* vaksin*",
    },
    // Finnish.
    Group {
        confidence: 0.9,
        words: "\
            aamujäykk* abortin abortti* afaatti* ahdistus* ahtauma* aivohalvau* aivoinfarkti* aivokasvai* aivotärähdy* aivovamm* \
            aivovaurio* aivoverenk* aivoverenvuo* alkoholiongelm* alkoholiriippuv* amputoi* anafylak* anemiaa angiina antibiootti* \
            appendisiitti* atooppi* bakteeritul* bronkiitti* diabeetik* diagnoosi* dialyysi* dosetti* ehkäisypiller* emättim* ensihoi* \
            epikriis* erikoislääk* erikoissair* eteisvär* eturauhassyöpä* fysiatri* fysioterap* glaukooma* haavahoit* haavanhoi* \
            haimasyöp* haimatuleh* halvaantu* halvaus hammashoi* hedelmöityshoi* hengenahdist* hengityskon* hengitystie* hepatiit* \
            hermorat* hermosair* hermosto* hermosär* hermovaur* heräämö* hinkuyskä* hoitojakso* hoitokertom* hoitokoti* hoitosuos* \
            hoitosuunn* hoitotahto* hoitotyö hoitotyön* hoitovirhe* huumekuntoutu* huumeriippuv* ihohoi ihokarsin* ihoruusu* ihosair* \
            ihosyöpä* ihotauti* ihottuma* immuunipuut* imusuonitur* infektiol* influenssaroko* inhalaatt* insuliini* iskias* itsemurha* \
            itsetuho* jalkaterap* jälkitarkast* kaatumistaip kaihi kaihileikk* kaihin kaksisuunt* kantapääkipu kardiolog* karsinoo* \
            kasvaim* kasvain* katetr* katkaisuhoi* kehitysvamma* keisarileikkau* keliakia* keskenmen* keskone* keskosena keskospot \
            ketoasidoosi* keuhkoahtauma* keuhkoemb* keuhkokuum* keuhkoputkentuleh* keuhkopöh* keuhkoröntg* keuhkosair* keuhkosyöpä* \
            kihomat kihti kihtiä kilpirauha* kipeyty* kipukynn kipulasta* kipulääk* kipupump* kiputila* kliininen koepala* kohdunkaul* \
            kohdunpoist* kohdunsuu* kohtukuol* kolesterol* koliikki* koliitti* kolonoskop* komplikaat* koronaposit* koronatart* \
            koronatest* kortison* korvatuleh* korvaushoi* kotihoido* kotihoito* kotisairaal* kotisairaanhoi* kouristu* kreatiniini* \
            kriisipkl kuntoutu* kuppa kuulokoje* kuulolait* kuulonalen* kuulontutk* kuulovammai* kuumeet* kuumei* kystoskop* käypähoito \
            laboratoriokok* lapsettomuus* lapsivesi* laryngiit* lastenlääk* lastenpsyk* leikkaushoi* leikkausj* leikkauskert* \
            leikkaussal* leukemi* leukosyyt* lihassair* lihassär* lihavuu* liikehäiri* liikuntarajoit* liikuntavamma* lonkkaleikkau* \
            lonkkamurt* lonkkanivel* lonkkaprote* lukihäiriö* luunmurtu* luuydin* lymfoo* lähihoitaja* lämmönnous lääke lääkelista* \
            lääkitse* lääkity* lääkkee* lääkäri* magneettikuva* mahahaava* mahakipu* mahatau* maksabiop* maksakirr* maksasair* makuladeg* \
            marevan* masennu* masentu* melanoom* mielenter* mielialalääk* mielisairau* migree* monisair* morfiini* muistihäir* \
            muistipoliklin* muistisair* munasarjasyöp* munuaiskiv* munuaissair* munuaissyöp* munuaisten* munuaisvaj* nenäverenv* \
            nesteenpoist* neurolog* neuvola* nielutuleh* niskajum* niskakipu* nivelkip* nivelpsor* nivelreuma* nivelrikko* nivelsair* \
            niveltuleh* nivustyr* nuorisopsyk* näköhäiri* näkövammai* närästy* näönalen* obstrukti* oikomishoi* oireilu* oirekuv* oksent* \
            omahoitaj* omaishoit* omalääk* ortope* osteoporo* paastoverik* painehaav* pakkooire* palliatii* palovamm* panadol* \
            paniikkihäiriö* paniikkikoht* parkinson* peliriippuvuu* perussairaud* peräpuk* poikkeavaryt poliklin* polvileikkau* polviniv* \
            polviprote* poskiontelo* potila* psykiat* psykoosi* psykoot* puhetera* puudutu* pyörätuol* pähkinäallergi* päihde* päihteid* \
            päänsäry* pääsärky* raajamurt rabdomyol raskaana raskaude* raskaus raskausdiab* raskausvii* raudanpuut* ravinnotta \
            ravitsemushoit* ravitsemust* repeämä* reuma* rintakasv rintakipu* rintasyöpä* rintatuleh* rokottam* rollaattor* ruokatorv* \
            ruokayliherk* rytmihäir* saattohoi* sairaala* sairaanhoi* sairaskoht* sairaslom* sairaspäivä* sairast* sairaude* sairaus* \
            sappikiv* selkäkip* selkäranga* selkärankar* selkäsär* selkäydin* sepelvalt* siitepölyallergi* sikotaut* silmäklin* \
            silmälääk* silmänpain* silmäpohj* silmäsair* silmätaut* sisätaut* sivuoire* skitsofreni* sokerirasit* sokeritaut* solisluu* \
            solunsalp* sukupuolitauti* suolistosair* suolistosyöpä* suolitukos* suuhygien* sydänfilm* sydäninfarkti* sydänkohtau* \
            sydänleikk* sydänoir* sydänperäi* sydänpysäh* sydänsairau* sydänvika synkopee* synnytti synnyttä* synnyty* sytostaat* syyhy \
            syyhyä* syömishäiriö* syöpä* syövän syövästä sädehoido* sädehoito* säärihaav* sääriluun* tehohoi* tekonive* terveysasem* \
            terveyskesku* tippuri* toimenpidekert toimintaterap* traumap* tromboos* troponiini* tuberkuloosi* tuhkarokko* tulehdusarv* \
            tulehduskip* tulehdussair* tulirokko* turvotus* tyreoid* työkyvyttö* työkyvytön työperäinensair työtapatur* työterveys* \
            työuupumus* tähystys* täydennysjuom* ultraääni* umpilisäk* umpisuol* unettomuu* uniapnea* unihäiriö* unilääk* univaikeu* \
            uupumus* vaginaal* vaihdevuo* valtimonpull vammai* vammautu* vastaanottok vastasynty* vatsahaava* verenkiertoh* verenmyrkyty* \
            verenohen* verenpain* verensiirt* verensoker* verenvuot* verikoke* veritulp* veriviljel* verkkokalv* vesirokko* vihurirokko* \
            viiltel* virtsankar* virtsanäy* virtsarak* virtsatie* vuodelepo* vuodeosasto* vuotohäir välilevy* yliherkky* ylilääk* \
            ylipaino* yskänlääk* yöpolygraf* äitiyskort* äitiysloma* äitiysneuvola* äitiyspol* ääreisverenk*",
    },
    // Finnish.
    Group {
        confidence: 0.65,
        words: "\
            flunssa* hammaslääk* hoitaja* huimau* influenssa* kipeä kipeänä kipu kipuja kipulää kipuun kivun kivut kurkkukipu* kuume \
            kuumeessa kuumeinen kuumetta lääkärin murtuma* nuha nuhai* oireet oireina oireita oksenn* opaskoir* pahoinvoin* pyörty* \
            päivystyslääk päänsär* rokot* sairaalo sairaana sairas selkäongelm* sydänongelm* särkee särky särkylääk* särkyä tulehduk* \
            tulehdus vammat vammoihin vammoja vatsatauti* viittomakielentulk* yskä*",
    },
    // Icelandic.
    Group {
        confidence: 0.9,
        words: "\
            afasí* afeitrun* aflim* alkóhólis* anafýlax* asma asmasjúk* astma* astmi augndeild* augnlækn* augnsjúkd* aðgerðarlýs* \
            aðstoðarlækn* bakflæði* bakverk* barkster* barnadeildin barnalækn* barnsburð* beinkrabb* beinmyndun beinþynning* beinþéttni* \
            berkjubólg* berkjusamdr* berkjuspeg* berkla* blóðeitrun* blóðflög* blóðgjöf* blóðleys* blóðmissi* blóðnas* blóðprufu* \
            blóðrannsók* blóðræktun* blóðskil* blóðsykr* blóðsykur* blóðsýni* blóðtappa* blóðþrýsting* blöðruhálskirtil* botnlang* \
            brisbólg* briskirt* brjósklos* brjóstakrabbamein* brjóstnám* brjóstverk* bráðadeild* bráðalækn* bráðamóttak* bráðamóttök* \
            bráðaofn* bæklunar* deildarlækn* deyfing* eggjastokk* einhverf* eitilæxl* eitlakrabbamein* elliglöp* endurhæfing* exemi \
            eyrnabólg* fatlað* fitubrest* flogakast* flogalyf* flogaveik* frjóofnæmi* frumbyrj* fylgju* fæðing fæðingard* fæðingarorlof* \
            fæðingarsaga* fæðingarþung* félagsfæln* fíkil* fíkla fíkn fíkni* fóstureyðing* fósturgreining* fósturlát* fósturmis* fótasár* \
            fötlun* fötluð gallblöðr* gallstein* geislam* gerviliða* gerviliður getnaðarv* geðdeild* geðheil* geðhjúkr* geðhvörf* \
            geðklof* geðlyf* geðlækn* geðrask* geðrof* geðræn* geðsjúk* gigtar* gjörgæslu* glasafrjóvgun* gláka gláku glútenóþol* \
            gáttafl* gáttatif* göngudeild* göngugrind* handlækn* heilabil* heilablæðing* heilablóðfall* heilaheilkenn* heilahristing* \
            heilaskað* heilaáverk* heilaæxli* heilsugæsl* heilsuleysi heimahjúkrun* heimilislækn* heyrnarlaus* heyrnarmæl* heyrnarsk* \
            heyrnartæk* hjartabilun* hjartadeild* hjartaflökt* hjartafrek* hjartagát* hjartagæsl* hjartalækn* hjartalín* hjartasjúk* \
            hjartastopp* hjartaáfall* hjartaóm* hjartaþræð* hjartsláttar* hjólastól* hjúkrun* hlaupaból* hnetuofnæmi* hnéaðgerð* \
            hreyfihöml* hvítblæði* hálskirtl* háþrýsting* hósta hóstar hósti höfuðáverk* húðkrabbamein* húðlækn* húðsjúk* iktsýki* \
            innlögn* innöndunarl* insúlín* iðjuþjálf* járnskort* keisaraskurð* klamydíu* kláðamaur* krabbamein* krampaflog* kransæð* \
            kreatínín* krufning* kulnun* kvefaður kvenlækn* kvensjúkd* kviðslit* kviðverk* kvíða kvíðakast* kvíðalyf* kvíðarösk* kvíði* \
            kynsjúkdóm* kæfisvefn* kíghóst* kólesteról* kóvid lamað* langveik* legslímu* legudeild* lekand* lesblind* lifrarbólg* \
            lifrarsjúkd* liðagigt* liðbólg* liðskipt* liðverk* lungnabjúg* lungnabólg* lungnakrabbamein* lungnalækn* lungnaseg* lungnasj* \
            lungnaþ* lyfin lyfjagjafa* lyfjagjöf* lyfjakort* lyfjalist* lyfjameðferð* lyfjaofnæmi* lyfjarúllu* lyfjaskömmt* lyfjum \
            lyflækn* lyfseðil* lyfseðl* lystarstol* læknabréf* læknavottorð* læknisskoð* læknisvitj* lærbrot* lífsmörk* líknandi líknard* \
            líknarmeð* lömun* magabólg* magakveis* magaspegl* magasár* meinsemd* meltingarsj* mergæxli* meðganga meðgöngu* minnismótt* \
            mislinga* mjaðmaaðgerð* mjaðmalið* mjaðmarbrot* mjólkuróþol* mænudeyf* mænusigg* mænuskað* mæðravernd* mígreni* niðurgang* \
            nárabrok* nárakviðslit* nýrnabilun* nýrnasj* nýrnaskað* nýrnastein* ofkæling* ofnæmi* ofsakvíð* ofskynjan* ofvirkni* \
            psoríasis rannsóknarsvar* rauðkorn* rifbeinsbrot* rifbrot* ristilkrabbamein* ristilspegl* segavarn* segulóm* sjálfsskað* \
            sjálfsvíg* sjónskert* sjónskerð* sjúkdóm* sjúkl* sjúkrabíl* sjúkradagpening* sjúkraflu* sjúkrahús* sjúkraleyfi* sjúkranud* \
            sjúkrasjóð* sjúkraskrá* sjúkraþjálf* skarlatssótt* skjaldkirt* skorpulif* skurðaðgerð* skurðdeild* skurðhjúkr* skurðlækn* \
            slagæð* slitgigt* slímhúð* sogæðabj* sortuæxl* staðdeyf* stoðkerfis* svefnlyf* svimaköst* svæfing* sykursýki* sykurþol* \
            sálfræðiþjón* sárasótt* sængurkon* sængurleg* sóri sýkingalyf* sýkingarm* sýklalyf* taktruflan* talmein* talþjálf* \
            tannréttinga* taugahrör* taugaleiðni* taugalækn* taugasjúk* trópónín* tíðahvörf* tíðaverk* ungbarnavernd* uppgöng* utanlegsf* \
            vefjagigt* veik veikinda* veikindi* veikindum veikt veikur verkjadæl* verkjalyf* verkjam* verkjast* vinnuslys* vímuefna* \
            vökvagjöf* yfirlið* áfallastreit* áfengisfíkn* áfengismeðferð* áfengisneysl* áfengissýki* áfengisvanda* átröskun* áverka \
            áverkar æxli* æðahnút* æðalegg* ófrjósemi* ólétt* ómskoð* ómun ónæmisbæl* ökklabrot* öldrunarlækn* öndunarvél* örorku* öryrk* \
            úlnliðsbrot* þroskahöml* þráhyggj* þræðing þræðingu þunglynd* þungun* þunguð þvagfær* þvaglegg* þvagleka* þvagprufa \
            þvagprufu* þvagsýk* þvagsýru*",
    },
    // Icelandic.
    Group {
        confidence: 0.65,
        words: "\
            bakveik* beinbrot* bólga bólgin bólusetn* flensa* flensu* fótbrot* handleggsbrot* hita hitalaus* hitalækk hálsbólg* hóstað \
            höfuðverk* kvef* lasin lasinn leiðsöguhund* lyf lækna lækni læknin* læknir læknis læknisins læknum meiðsli slappur slasaðir \
            slasaðist slasaður slöpp svima svimar svimi sálfræðing* sálfræðiviðtal* sýking sýkingar sýkingu tannlækn* táknmálstúlk* \
            uppköst verki verkir verkjum verkur ógleð*",
    },
    // English.
    Group {
        confidence: 0.9,
        words: "\
            abdomen abdominal abscess* addict addicted addiction adenocarc* adenoma alcoholdep* alcoholic alcoholism allergy alopecia \
            amenorrh* amputat* amputee* anaemi* anaesthe* anaphyla* anemia anesthe* angina angiogra* angioplast* anorexi* antenatal \
            antibiotic* anticoagul* antidepress* anxiety aphasi* apnea apnoea* arrhythm* arthritis arthroscop* ascites asthma* \
            asymptomatic* audiogram* audiolog* auscultat* autis* autops* bedsore* benzodiaz* biops* bipolar blindness bloods bowels \
            bradycard* brainstem breech bronchitis bulimi* burnout caesarean* cannula* carcinoma* cardiac cardiolog* cardiomyop* \
            cardiovas* carotid cataract* catheter* celiac cerebral chemo chemorad* chemotherap* chickenpox childbirth chlamydia cholangi* \
            cholecyst* cholesterol* cirrhosis cirrhot* coeliac colitis colonoscop* colorectal colostom* colposcop* comorbid* concussion* \
            conjunctivit* constipat* coronary coronavirus cortisone crohn* cystitis cystoscop* deafness defibrillat* delirium dementia* \
            depressed dermatit* dermatolog* detox* diabet* diagnos* diarrhea diarrhoe* disabilit* disease* dyslexi* dyspepsia dysphag* \
            dysplas* dyspnea dyspnoea dyspraxi* echocardio* ectopic eczema* edema electrocard* embolism emphysem* encephal* endocard* \
            endometrio* endoscop* epidur* epilep* epistaxis erectile erythema estrogen* euthymic femoral fibrillation* fibroid* \
            fibromyalg* fracture* frailty gallbladder* gallstone* gastric gastro gastroenter* gastrointest* gastroscop* glaucoma* glucose \
            gonorrh* gout gynaecolog* gynecolog* haematol* haematuria* haemodial* haemoglobin* haemophil* haemorrhag* haemorrhoid* \
            hallucinat* hematol* hemophil* hemorrhag* hepatolog* hernia* hiv homozygote* hospitalis* hospitaliz* hydrocephal* hyperglyc* \
            hyperlipid* hypertens* hyperthyroid* hypoglyc* hypotens* hypothyroid* hysterectom* ileostom* illness* immunocompr* impotence \
            incontin* infarct* inhaler* inpatient* insomni* intracran* intravenous* intubat* ischaemi* ischemi* jaundice* ketoacid* \
            laparoscop* laparotom* laryngo* leukaemia* ligament* lumbar lumpectom* lymph* macular* mammogra* mastectom* maternity measles \
            medication* meningit* meningococ* menopaus* menstru* metasta* methadone* midwif* migraine* miscarr* monkeypox morbidity mrsa \
            mumps myocard* narcoleps* nauseous nebulis* neonat* nephr* neurodegen* neurodiv* neuropath* neurosurg* nystagmus obese \
            obesity obstetric* occlusion oedema* oncolog* ophthalm* opioid* orthopaed* orthoped* osteoarthr* otitis outpatient* ovarian* \
            overdos* oximet* oxycodone* paediatric* painkiller* palpable palpat* palpitation* pancreat* papilloma* paracet* paralys* \
            paralyz* paramedic* paranoid* paresis pediatric* pericard* peritoneal* pertussis pharyngit* phlebotom* physio physiotherap* \
            placenta* pneumococ* pneumon* pneumothora* podiatr* polio postnatal* postop* preeclamp* pregnan* preop* prescri* prostate* \
            psoria* psychiatr* psychosis psychosoc* psychot* pulmonary rabies radiculop* radiotherap* renal respirator resus resuscitat* \
            retinopath* rheumat* sarcoidos* scabies schizo* sciatica sclera* sclerosing* sclerosis scoliosis sedative* seizure* sepsis \
            septic shingles sickness* sinusitis splenomeg* spondyl* sputum sternum stoma suicid* surgeon* surgeries surgery sutured \
            sutures syncope syphilis tachycard* tendinit* tendinop* tetanus thalass* thrombo* thyroid* tonsillit* triage tuberculo* \
            tumor* tumour* tympan* ulcer* ultrasound* underweight* uterine uterus vaccinat* vaginal varicose vasectom* ventricular \
            vertigo vomited wheelchair* wheez* whooping* xray*",
    },
    // English.
    Group {
        confidence: 0.65,
        words: "\
            alcoholi* bruise* bruising cough* deaf dizziness doctor fainted fever feverish handicapped headache* infection* injure* \
            medicine* nausea pain pains pregnancyt psychologist* sick therapist* therapy unwell vomit*",
    },
    // What notes of all languages write alike.
    Group {
        confidence: 0.9,
        words: "\
            apgar babinski* basedow* bilirubin* bmi brudzinski ciwa clostrid* copd creutzfeldt* crp ctg cvk dupuytren* dvt ecg eeg egfr \
            ekg emg epds esbl falciparum ferrit* guillain haemochrom* hallpike helicobacter hemokromat* hlr hodgkin* icsi kerley kernig \
            lasegue lasègue madrs mallampati mantoux mcburney meniere* menière* mmhg mmse mri ménière* nacl nihss nyha paraplegi* \
            pfannenstiel phalen phq picc probnp ptsd quadriplegi* quantiferon* raynaud* rosc rtg staphylococ* streptokok* tenckhoff \
            tetraplegi* tinel trendelenburg troponin* tsh wais waldenström* wenckebach wernicke*",
    },
    // Words that begin like one of these and are none.
    Group {
        confidence: 0.0,
        words: "\
            aborted aborting aborts allergianpass* allergifri* allergiker allergikoko* allergikost allergilist* allergisafe* \
            allergivenlig* allergivennlig* allergivänlig* ambulansehelik* ambulanshelik* barncancerfond* cancerfond* eksempel* eksemplar* \
            eksemplif* exempel hospitable hospitality hovedpart* hovedpers* hovedpris* influencer* influensar* krabbameinsfélag* kreftene \
            kreftenes krefter* kreftforeininga kreftforening* kräftor* kräftskiv* kræftens kræfter* legemiddelverk* läkemedelsbol* \
            läkemedelsverk* lægemiddelind* lægemiddelsty* læknadeild medicinalvirk* muskelsvindfond* operationschef pasientbibl* \
            pasientforen* pasienthotell* patientforen* patienthotell* patientorgan* patientportal* patientsikkerhed* patientsäkerhet* \
            potilashotel* potilastietojärj* potilasturvall* potilasvakuutuskesk* pyörätuolipaik* remissförfar* remissinstans* \
            remissrunda* remisstid* rullstolsplats* rullstolsramp* sjukligt sjukvårdsminist* sjukvårdsparti* sjukvårdsreg* \
            sjúkraskrárkerf* sjúkratrygging* smertegrens* smertegræns* smärtgräns* smärtsam* sykehuspart* sykehusreform* sykepleiarforb* \
            sykepleierforb* syövät syövätkö tabletop terveydenhuol* yrself yrselves",
    },
];
