//! Medicines, vaccines and dressings: who takes them is a patient. Substances and the usual trade names of the Nordic countries.
//!
//! `*` ends a beginning: every word that begins so counts. Words are in lower case; a group is one language's, and what its neighbours
//! write alike stands once, in the first.

use super::Group;

/// The words, by language and confidence, sorted within each group.
pub(super) const WORDS: &[Group] = &[
    // Medicines and dressings.
    Group {
        confidence: 0.9,
        words: "\
            abilify acetylcystein* acetylsalicyl* aciclovir* aciklovir* actilyse actrapid* adalimumab* albyl alendron* alfuzosin* \
            alimemazin* allevyn allopurinol* alprazolam* ambroxol* amimox amiodaron* amitriptyliini* amitriptylin* amlodipi* amoksicil* \
            amoksisil* amoxi* ampicillin* antabus antabuse antihistamin* antikoagul* antikroppsbehandl* antipsychot* antipsykot* \
            apixaban* apocillin* apodorm aquacel aranesp arcoxia aricept aripipraz* artesunat atacand atarax atenolol* ativan atropin \
            atrovent augmentin* azathiopri* azatiopri* azithromycin* azitromycin* baclofen* bactrim baklofen* behepan bendroflu* \
            bensodiazep* bensylpenicill* bentsodiats* benzylpenicill* betablocker* betablokk* betahistin* betapred betmiga bisoprolol* \
            boostrix botox brilique budesonid* bupivaka* buprenorfi* buprenorphi* bupropion* calcichew calcigran calogen candesartan* \
            carbamazep* cavilon cefalexin* cefotaxim* cefuroxim* celecoxib* cerazette cetirizin* champix chlorhexidin* cilaxoral cipralex \
            cipramil ciprofloxacin* circadin citodon clarithromyc* clexane clonazepam* clopidogrel* cloxacillin* clozapin* codein* \
            combivent comirnaty cortef cosentyx coversyl cyklofosfamid* cymbalta dabigatran* daivobet dalacin dalteparin* deksametas* \
            dermovat desloratadin* desmopressin* detrusitol dexametas* dexamethas* diamox diapam diatsep* diazepam* diclofenac* \
            digitoxin* digoksi* digoxin* diklofenak* dimetikon* disperin disulfiram* diureti* doksysyk* dolcontin donepetsiili* \
            donepezil* dormicum dostinex doxycyclin* doxycyklin* doxyferm dulaglutid* duloksetiini* duloxetin* duroferon durogesic \
            dymista edoxaban* eltroxin emconcor empagliflozin* enbrel enoxaparin* entonox entresto epipen eplerenon* ergenyl \
            erythromycin* erytromycin* esidrex esomeprazol* estradiol* etanercept* ethilon euthyrox eylea ezetimib* felodipin* fenergan \
            fenobarb* fenoxymetyl* fentanyl* fentanyyli* fenytoin* finasterid* flagyl flecainid* flekainid* flixotide flucloxacill* \
            fluconazol* flukloksac* flukonazol* flunitrazepam* flutide folinsyr* folsyra* fortimel fortisip forxiga fosamax fresubin \
            furadantin* furesis furosemid* furosemiidi* galantamin* gardasil gentamicin* gentamisiini* glibenclamid* glimepirid* \
            glipizid* glucagon* glucophage glukagon* haldol haloperidol* hepariini* heparin* hexyon hjartamagnyl hjartamagnýl \
            hjertemagnyl humalog humira hydrocortison* hydrokortison* hydroksisyy* hydroxychloroq* hydroxyklorokin* ibumax ibumetin \
            ibuprofe* ibux ibuxin imdur imigran* imodium imurel inderal infanrix infliximab* innohep insulatard ipratrop* ipren ipstyl \
            januvia jardiance kalcipos kaleorid kaliumklorid* karbamatsep* karbamazep* kefaleks* kefexin keflex keftriaks* kefuroksi* \
            ketamin ketaminol ketanest ketesse ketiapiini* ketogan ketonal ketoprofe* ketorolac* klaritromyc* klexane kloksasill* \
            klonazepam* klopidogr* klorhexidin* klorpromaz* klotsapiini* klozapin* kodeiini* kodein* kodimagnyl kortef kåvepenin \
            lactulos* laktuloosi* laktulos* lamictal lantus lasix latanopros* laxido laxoberal leponex lercanidip* letrozol* levemir \
            levodopa* levofloxac* levomepromaz* levothyrox* levotyrox* lexapro lidocain* lidokaiini* lidokain* linezolid* lipitor \
            liraglutid* lisinopril* litiumbehandl* litiumkarb* loperamid* loratadin* loratsep* lorazepam* lortesdin losartan* macrogol* \
            madopar* magnyl* magnýl makrogol* malarone marcain maxalt medrol* melatoni* meloxicam* memantin* mepilex meronem meropenem* \
            mesalazin* metforem methotrex* methylphenid* metoclopramid* metoject metoklopr* metotreks* metotrex* metronidats* metronidaz* \
            metylfenid* metylpredn* metyylifen* metyylipred* mianseriini* mianserin* midatsolaami* midazolam* mindiab mirena mirtatsap* \
            montelukast* morphine mounjaro movicol moviprep moxifloxac* mycophenol* mykofenol* nalokson* naloxon* naltrekson* naltrexon* \
            naprokse* naproxen* nexium nicotinell nifedipin* nitrazepam* nitrofuran* nitroglycer* nitrolingual* nitrosid* noradrenalin* \
            norspan nortriptylin* novomix novorapid* nozinan nutridrink nystatin* oksatsepaami* oksikodon* oksykodon* oksytosi* \
            ondansetro* opiat* oralovite oramorph orfiril oxamin oxanest oxapax oxazepam* oxycontin oxynorm oxytocin* paliperidon* pamol* \
            panacod panocod pantoprats* pantopraz* paralgin* parasetam* parasitam* paratabs parkodin parkódín* paroksetiini* paroxetin* \
            penisill* penovet pensillín* pensilín* perindopril* phenergan phenobarb* phenytoin* picoprep pinex piperacill* pivmecill* \
            plavix plendil pneumovax postafen pradaxa pramipeks* pramipexol* pravastat* prednisolo* prednison* prednisólón* prevenar \
            primaspan primcillin primperan prolopa prometaz* promethaz* prontosan propofol* propranolol* protonpump* pulmicort \
            rabeprazol* ramipril* ranitidin* relistor remeron remicade remifentanil* renitec rifampicin* risperdal rituximab* rivaroksab* \
            rivaroxab* rivastigm* rosuvastat* rotarix rotavirus* salazopyrin* salbutamol* salmeterol* saroten selexid seloken selotab \
            selozok semaglutid* serenase seretide seroquel sertraliini* setiritsiini* sifrol sildenafil* simvastati* sinemet* singulair \
            sinquan siprofloks* sitagliptin* sitalopraami* solifenacin* sorbact sotalol* spikevax spiolto spiriva spiron spironolact* \
            spironolakt* stilnoct suboxone sumatriptan* sustanon syntocinon tacrolimus* takrolimus* tamoksif* tamoxif* tamsulos* \
            tazobact* tazocin tegaderm tegretol temesta tenormin tenox terbinafin* terbutalin* thiamin* thyrax thyroxin* tiamazol* tiamin \
            ticagrelor* tikagrelor* tinzaparin* tolterodin* topimax topiramat* toradol toujeo tradolan tramagetic tramal traneksaam* \
            tranexam* trazodon* trelegy tresiba trimethopr* trimetopr* triptan triptaner trombyl trulicity truxal tryptizol tsopikloni* \
            tylenol tyroksiini* vagifem valaciclovir* valaciklovir* vallergan valproat* valproiini* valproin* valsartan* vancomycin* \
            vankomyc* vankomys* varenicl* vareniklin* venlafaksiini* verapamil* vesicare viagra voltaren* voltarol xalatan xanor \
            xylocain* ylinopril zantac zinacef zinnat ziprasidon* zofran zoladex zoledron* zoloft zolpideemi* zolpidem* zopicl* zyban \
            zyprexa íbúfen* östradiol*",
    },
];
