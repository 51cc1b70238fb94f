//! Words that speak of somebody's belief.
//!
//! `*` ends a beginning: every word that begins so counts. Words are in lower case; a group is one language's, and what its neighbours
//! write alike stands once, in the first.

use super::Group;

/// The words, by language and confidence, sorted within each group.
pub(super) const WORDS: &[Group] = &[
    // Swedish.
    Group {
        confidence: 0.85,
        words: "\
            adventist* agnost* andlig* ateis* avkristn* baptister* baptistförsamling* baptistkyrk* bekännande bibelgrupp* bibelstud* \
            buddhis* buddis* burka* bönegrupp* bönemöte* bönerum* bönestund* böneutrop* diakon* dopgåva döpas döpt döptes \
            fastemånad* fredagsbön* frikyrk* frälsning* frälst församlingsmedlem* gudstjänst* halal* hijab* hindu hinduer hinduis* \
            hädelse* imam* islam* jehova jehovas judar jude judendom* judinna judisk* katolik* katolsk* klostret konfirmand* \
            konfirmation* konfirmera* koran* kosher* kristendom* kristet kristna kyrkoavgift* kyrkoherde* kyrkomedlem* kyrkoskatt* \
            livsåskådning* lutheran* luthersk* metodist* missionsförbund* missionskyrk* mormon* moské* munkorden muslim* nattvard* \
            niqab* nunna* omskär* ortodox* pingstförsamling* pingstkyrk* pingstvän* predik* protestant* präst prästen prästvigd* \
            rabbin* ramadan* religion* religiös* sabbat* scientolog* shiamuslim* sikh* slöja slöjan sunnimuslim* synagog* troende \
            trosbekännelse* trossamfund* trosuppfattning*",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            bibel bibeln biskop biskopen bön böner dop dopet fasta fastar församling församlingen gud herren kloster kristen kyrka \
            kyrkan pastor pastorn tro",
    },
    // Danish.
    Group {
        confidence: 0.85,
        words: "\
            baptistkirke* baptistmenighed* barnedåb* bibelkreds* bønnemøde* bønnerum* dåbsattest* dåbsdato* døbes døbt \
            folkekirkemedlem* folkekirken fredagsbøn* frelst frikirke* gudfrygtig* gudstjeneste* gudstro* jøde jødedom* jøder \
            jødisk* kirkeskat* konfirmeres konfirmeret* konvertere* korstegn* kristent kristne livssyn* menighed menigheden \
            menighedsråd* missionshus* moske moskeen moskeer munkeorden* nadver* omskåret omskær* pinsekirke* pinsemenighed* provst \
            provsten prædik* religiøs* skriftemål* sognepræst* trosfrihed* trosretning* tørklæde*",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            bibelen bøn bønnen dåb dåben faste kirke kirkelig kirkelige kirken provsti præst præsten sogn sognet troen",
    },
    // Norwegian.
    Group {
        confidence: 0.85,
        words: "\
            adventkirke* baptistmenighet* barnedåp* bedehus* bibelskole* bønnemøte* bønnerom* dåpsattest* dåpssamtale* døpes døpt \
            frelsesarmé* gudsdyrkelse* gudsteneste* gudstru* humanetisk* indremisjon* kirkemedlem* konfirmant* konfirmasjon* \
            konfirmert* konvertert* kristenfolk* kristenmann kyrkjelyd* laestadian* læstadian* menighet menigheta menigheten \
            menighets* misjonskirk* misjonær* nattverd* omskjær* pinsemenighet* pinsevenn* preken* prekestol sogneprest* \
            trossamfunn* åndelig*",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            bønn dåp dåpen fasten kirka kyrkja kyrkje prest presten trua",
    },
    // Finnish.
    Group {
        confidence: 0.85,
        words: "\
            baptisti* buddhalai* burkha ehtoolli* evankelis* helluntailai* helluntaiseurakun* hengelli* herännäi* herätysliik* \
            hindulai* imaami* jehovan jumalanpalvelu* juutalai* kastajai* kastetaan kastettiin kastettu katolilai* katolinen \
            katolise* kirkkoherra* kirkkokunta* kirkkoon kirkollisver* kirkosta konfirmaatio* konfirmoi* koraani* košer kristillis* \
            kristinusko* kristitty kristity* käänny* körtti* lestadiolai* luostari* luterilai* moskeija* munkki* ortodoksi* paasto* \
            papin pappi pelastusarmeija* perjantairukou* piispa* raamatt* rabbi rippikoulu* rippileiri* ristiäi* rukoil* rukou* \
            saarna* seurakunna* seurakunta seurakuntaan seurakuntalai* siunaustilai* skientologi* uskonno* uskonsuun* uskonto* \
            uskovai* vakaumukse* vakaumus vanhoillislestadio* vapaakirk* ympärileik*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            herra jumala kaste kirkko kirkon kirkossa seurakuntatalo usko uskoo",
    },
    // Icelandic.
    Group {
        confidence: 0.85,
        words: "\
            altarisgang* andleg* aðventist* baptista biblía biblíu* biskup* bæn bæna* búddatrú* búddist* efahyggj* fermd fermdur \
            ferming* fríkirk* föstudagsbæn* guðhrædd* guðstrú* guðsþjónust* gyðing* hindúa* hindúi* hjálpræðisher* hvítasunnu* \
            jehóva kaþólikk* kaþólsk* klaustur* kristindóm* kristni kóran* lífsskoðunarfélag* lúthersk* messuna messunni mormón* \
            moska moskan mosku* mótmæland* múslim* prestinn prests prestur rétttrúnað* safnaðar* siðmennt skírn skírnar* skírt skírð \
            skírður slæða slæðu sóknarbarn* sóknargjöld* sóknarprest* söfnuð* sýnagóg* trúarbrögð* trúarhóp* trúarleg* trúarskoðun* \
            trúað* trúboð* trúfélag* trúfélög* trúlaus* trúleysing* trúuð umsker* vísindakirk* ásatrú* íslam* þjóðkirkj*",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            drottinn föstu guð kirkja kirkjan kirkju kirkjunni messa trú trúir",
    },
    // English.
    Group {
        confidence: 0.85,
        words: "\
            anglican* atheis* baptised baptism* baptized believer* bible* catholic* christianity christians circumcis* clergy* \
            communion* congregation* evangelical* gospel* headscarf* jehovah* jewish judaism monaster* mosque* nuns parish* \
            pentecostal* pilgrimage* prayer* praying preach* presbyterian* priest* quaker* quran* rabbis religious sacrament* \
            theolog* worship*",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            bishop church churches faith god minister monk pray temple vicar",
    },
];
