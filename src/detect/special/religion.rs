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
            adventist* agnost* ateis* avkristn* baptister* baptistförsamling* baptistkyrk* barnvälsig* begravningsgudstj* bekännande \
            bibelgrupp* bibelstud* buddhis* buddis* burka burkan bönegrupp* bönemöte* böneplats* bönerum* bönestund* böneutrop* \
            djävulsdyrk* dopattest* dopsamtal* döpas döpt döptes eritreanskort* fastebrytning* fastemånad* fredagsbön* frikyrk* \
            frälsning* frälst församlingsassistent* församlingshem församlingsmedlem* församlingspedag* gudstjänst* hijab* hindu hinduer \
            hinduis* hädelse* iftar imamen imamer islam islamisk* islamist* jehova jehovas judar judendom* judinna judisk* katolik* \
            katolsk* konfirmand* konfirmation* konfirmerad konfirmeras koran* kristet kristna kyrkoavgift* kyrkobröllop kyrkoherde* \
            kyrkomedlem* kyrkoskatt* livsåskådning* lutheran* luthersk* metodist* missionsförbund* missionskyrk* mormon* moské* munkorden \
            nattvard* niqab* nunna* omskär* ortodox* pingstförsamling* pingstkyrk* pingstvän* predik* protestant* rabbin* ramadan* \
            religion* religiös* rosenkrans* sabbat* scientolog* shia shiamuslim* sikh* sunnimuslim* synagog* troende trosbekännelse* \
            trossamfund* trosuppfattning*",
    },
    // Swedish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            andlig* bibel bibeln biskop biskopen bön böner diakon* domkyrk* dop dopet dopgåva församling församlingen gudstro klostret \
            konfirmera* kristen kyrka kyrkan kyrkor pastor pastorn präst prästen prästens prästvigd* slöja slöjan sunni",
    },
    // Swedish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            fasta fastar gud herren kloster tro",
    },
    // Danish.
    Group {
        confidence: 0.85,
        words: "\
            baptistkirke* baptistmenighed* barnedåb* bedemøde* bederum* bibelkreds* bønnemøde* bønnerum* dåbsattest* dåbsdato* døbes døbt \
            folkekirkemed* folkekirken fredagsbøn* frelst frikirke* gudfrygtig* jøde jødedom* jøder jødisk* kirkeskat* konfirmeres \
            konfirmeret* konvertere* korstegn* kristent kristne livssyn* menighed menigheden menighedsråd* missionshus* moske moskeen \
            moskeer munkeorden* nadver* omskåret omskær* pinsekirke* pinsemenighed* prædik* religiøs* skriftemål* sognepræst* trosfrihed* \
            trosretning*",
    },
    // Danish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            bibelen biskoppen bøn bønnen dåb dåben kirke kirkelige kirken provst provsten præst præsten tørklæde*",
    },
    // Danish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            faste kirkelig konverter* konverteres konverteret provsti sogn sognet troen",
    },
    // Norwegian.
    Group {
        confidence: 0.85,
        words: "\
            adventkirke* baptistmenighet* barnedåp* bedehus* bibelskole* bønnegrupp* bønnemøte* bønnerom* bønneteppe* dåpsattest* \
            dåpsbarn* dåpssamtale* døpes døpt frelsesarmé* gudsdyrkelse* gudsteneste* gudstjeneste* gudstru* humanetisk* indremisjon* \
            kirkemedlem* konfirmant* konfirmasjon* konfirmert* kristendom* kristenfolk* kristenmann kyrkjelyd* laestadian* læstadian* \
            menighet menigheta menigheten menighets* misjonskirk* misjonær* nattverd* omskjær* pinsemenighet* pinsevenn* preken* \
            prekestol sogneprest* trossamfunn*",
    },
    // Norwegian, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            domkirk* dåp dåpen kirka kirkens kyrkja kyrkje prest presten åndelig*",
    },
    // Norwegian, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            bønn fasten trua",
    },
    // Finnish.
    Group {
        confidence: 0.85,
        words: "\
            baptisti* buddhalai* burkha ehtoolli* evankelis* helluntailai* helluntaiseur* hengelli* herännäi* herätysliik* hindulai* \
            imaami* islamilai* islaminusk* jehovan jehovantod* jumalanpalvelu* juutalai* kastajai* kastetaan kasteto* kastettiin kastettu \
            katolilai* katolinen katolise* kirkkoherra* kirkkokunta* kirkollisver* kirkosta konfirmaatio* konfirmoi* koraani* košer \
            kristillis* kristinusko* kristitty kristity* körtti* lestadiolai* luterilai* moskeija* ortodoksi* paastoaa paastoavan \
            paastoavat paastokuu* paastoo pelastusarmeija* perjantairukou* raamatt* rippikoulu* rippileiri* ristiäi* rukoil* rukou* \
            saarna* seurakunna* seurakunta seurakuntaan seurakuntalai* skientologi* uskonno* uskonsuun* uskonto* uskonyhteis* uskovai* \
            vakaumukse* vakaumus vanhoillislestadio* vapaakirk* ympärileik*",
    },
    // Finnish, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            kaste kastetilais* kirkko kirkkoon kirkon kirkossa luostari* munkit munkki paasto* papin pappi pappina piispa* seurakuntayht* \
            siunaustilai*",
    },
    // Finnish, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            herra jumala seurakuntatalo usko uskoo",
    },
    // Icelandic.
    Group {
        confidence: 0.85,
        words: "\
            altarisgang* aðventist* baptista biblía biblíu* bæn bæna* búddatrú* búddist* efahyggj* fermd fermdur ferming* fríkirk* \
            föstudagsbæn* guðhrædd* guðstrú* guðsþjónust* gyðing* hindúa* hindúi* hjálpræðisher* hvítasunnu* jehóva kaþólikk* kaþólsk* \
            kristindóm* kristni kóran* lífsskoðunarfélag* lúthersk* mormón* moska moskan mosku* mótmæland* múslim* múslím* rétttrúnað* \
            safnaðar* siðmennt skírn skírnar* skírt skírð skírður sóknarbarn* sóknargjöld* sóknarprest* söfnuð* sýnagóg* trúarbrögð* \
            trúarhóp* trúariðk* trúarleg* trúarskoðun* trúað* trúboð* trúfélag* trúfélög* trúlaus* trúleysing* trúuð umsker* vísindakirk* \
            ásatrú* íslam* þjóðkirkj*",
    },
    // Icelandic, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            andleg* biskup* kirkja kirkjan kirkju kirkjunnar kirkjunni klaustur* messa messuna messunni prestinn prests prestsins prestur \
            slæða slæðu",
    },
    // Icelandic, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            drottinn föstu guð trú trúir",
    },
    // English.
    Group {
        confidence: 0.85,
        words: "\
            anglican* atheis* baptise baptised baptises baptism* baptized believer* bible* catholic* christening* christianity christians \
            churchgoer* churchward* circumcis* clergy* communion* congregation* evangelical* hindus islamic* jehovah* jewish judaism \
            monaster* mosque* muslim* nuns parishioner* pentecostal* prayer* praying preach* presbyterian* quaker* quran* rabbis \
            religious reverend sacrament* sharia* theolog* worship*",
    },
    // English, of which two beside each other say it.
    Group {
        confidence: 0.48,
        words: "\
            archbishop* bishop bishops canon church churches faith gospel* halal* headscarf* imam imams jude kosher* minister monk \
            parish* pilgrimage* prayed priest* rabbi sheikh temple temples verger vicar",
    },
    // English, of which other things are called too.
    Group {
        confidence: 0.45,
        words: "\
            god pray",
    },
    // Words that begin like one of these and are none.
    Group {
        confidence: 0.0,
        words: "\
            diakonhjem* diakonissehjem* halalaks islamabad* klosterneuburg kristillisdemokr*",
    },
];
