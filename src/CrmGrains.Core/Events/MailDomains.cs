using System.Collections.Frozen;

namespace CrmGrains.Core.Events;

/// <summary>
/// What is known of the domains that addresses are at. Tables of names only: a domain that is missing counts as somebody's own, which costs a
/// company too many and never joins two people.
/// </summary>
public static class MailDomains
{
    /// <summary>Whether anybody may have a mailbox there, so that sharing the domain says nothing about two people.</summary>
    /// <param name="domain">Normalized.</param>
    public static bool IsFree(string domain) => Free.Contains(domain) || IsDisposable(domain);

    /// <summary>Whether its mailboxes are there for a few minutes and for everybody, so that sharing an address says nothing either.</summary>
    /// <param name="domain">Normalized; a name below a disposable one is disposable too.</param>
    public static bool IsDisposable(string domain)
    {
        for (var at = 0; ; at++)
        {
            if (Disposable.Contains(domain[at..]))
                return true;
            at = domain.IndexOf('.', at);
            if (at < 0)
                return false;
        }
    }

    /// <summary>Whether what follows a plus before the @ is a note of the owner's, by the provider's own word.</summary>
    public static bool HasPlusAddresses(string domain) => Plus.Contains(domain);

    /// <summary>Whether dots before the @ mean nothing there.</summary>
    public static bool IgnoresDots(string domain) => domain is "gmail.com" or "googlemail.com";

    /// <summary>The provider's main name for a domain of its own that has the same mailboxes.</summary>
    public static string MainOf(string domain) => domain == "googlemail.com" ? "gmail.com" : domain;

    private static FrozenSet<string> Table(string names) =>
        names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Plus = Table("""
        gmail.com googlemail.com outlook.com hotmail.com live.com fastmail.com fastmail.fm proton.me protonmail.com pm.me icloud.com me.com
        mac.com posteo.de mailbox.org runbox.com hey.com
        """);

    private static readonly FrozenSet<string> Free = Table("""
        gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.at outlook.be outlook.dk outlook.ie outlook.in
        outlook.jp outlook.kr outlook.pt outlook.sa outlook.sg outlook.com.br outlook.com.au outlook.com.ar outlook.cl outlook.cz outlook.hu
        hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.be hotmail.ca hotmail.ch hotmail.cl hotmail.co.jp
        hotmail.com.ar hotmail.com.br hotmail.com.mx hotmail.com.tr hotmail.dk hotmail.gr hotmail.nl hotmail.no hotmail.se live.com live.co.uk
        live.de live.fr live.at live.be live.ca live.cl live.cn live.com.ar live.com.au live.com.mx live.com.pt live.dk live.ie live.in live.it
        live.jp live.nl live.no live.ru live.se msn.com passport.com windowslive.com
        yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.co.id yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.za yahoo.de yahoo.fr yahoo.it
        yahoo.es yahoo.at yahoo.be yahoo.ca yahoo.ch yahoo.cn yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.hk yahoo.com.mx
        yahoo.com.my yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.cz yahoo.dk yahoo.gr yahoo.hu yahoo.ie yahoo.in
        yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se ymail.com rocketmail.com myyahoo.com
        aol.com aol.co.uk aol.de aol.fr aim.com verizon.net netscape.net icloud.com me.com mac.com
        proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.io tuta.com keemail.me
        gmx.com gmx.de gmx.net gmx.at gmx.ch gmx.fr gmx.us gmx.co.uk web.de freenet.de t-online.de arcor.de email.de mail.de online.de
        posteo.de mailbox.org vodafone.de unitybox.de kabelmail.de bluewin.ch hispeed.ch sunrise.ch chello.at aon.at a1.net
        mail.com email.com usa.com europe.com post.com consultant.com engineer.com techie.com writeme.com iname.com myself.com dr.com
        mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru lenta.ru ro.ru yandex.ru yandex.com yandex.by yandex.kz yandex.ua ya.ru
        ukr.net i.ua meta.ua bigmir.net tut.by inbox.lv inbox.lt mail.ee hot.ee one.lt
        zoho.com zohomail.com zoho.eu fastmail.com fastmail.fm hey.com hushmail.com runbox.com startmail.com mailfence.com disroot.org riseup.net
        lycos.com excite.com mail2world.com inbox.com juno.com netzero.net earthlink.net mindspring.com
        orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr aliceadsl.fr
        libero.it virgilio.it tiscali.it alice.it tin.it inwind.it iol.it email.it fastwebnet.it poste.it
        wp.pl o2.pl onet.pl onet.eu op.pl interia.pl interia.eu poczta.onet.pl gazeta.pl tlen.pl vp.pl
        seznam.cz email.cz centrum.cz atlas.cz post.cz volny.cz azet.sk zoznam.sk centrum.sk
        abv.bg mail.bg dir.bg freemail.hu citromail.hu t-online.hu vipmail.hu net.hr siol.net
        telefonica.net terra.es ono.com sapo.pt clix.pt netcabo.pt iol.pt telenet.be skynet.be scarlet.be voo.be
        ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl upcmail.nl casema.nl
        telia.com bredband.net spray.se comhem.se online.no getmail.no jubii.dk stofanet.dk mail.dk elisanet.fi luukku.com kolumbus.fi
        otenet.gr freemail.gr in.gr mynet.com superonline.com walla.co.il walla.com netvision.net.il
        qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com tom.com 21cn.com
        naver.com daum.net hanmail.net nate.com kakao.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com biglobe.ne.jp
        rediffmail.com rediff.com indiatimes.com sify.com pchome.com.tw hinet.net singnet.com.sg
        uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br zipmail.com.br
        prodigy.net.mx fibertel.com.ar arnet.com.ar ciudad.com.ar speedy.com.ar vtr.net
        comcast.net att.net sbcglobal.net bellsouth.net cox.net charter.net optonline.net rr.com roadrunner.com frontier.com frontiernet.net
        windstream.net centurylink.net embarqmail.com q.com suddenlink.net cableone.net wowway.com ameritech.net pacbell.net swbell.net
        btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk plusnet.co.uk tiscali.co.uk btopenworld.com
        bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au internode.on.net xtra.co.nz
        shaw.ca rogers.com sympatico.ca telus.net videotron.ca bell.net cogeco.ca eircom.net mweb.co.za webmail.co.za telkomsa.net
        """);

    private static readonly FrozenSet<string> Disposable = Table("""
        mailinator.com mailinator.net mailinator2.com reallymymail.com sogetthis.com spamherelots.com thisisnotmyrealemail.com
        guerrillamail.com guerrillamail.net guerrillamail.org guerrillamail.biz guerrillamail.de guerrillamail.info guerrillamailblock.com
        sharklasers.com grr.la spam4.me pokemail.net 10minutemail.com 10minutemail.net 10minutemail.org 10minutemail.co.uk 20minutemail.com
        30minutemail.com 10mail.org 10minutesmail.com minutemail.com yopmail.com yopmail.fr yopmail.net cool.fr.nf jetable.fr.nf nospam.ze.tc
        nomail.xl.cx mega.zik.dj speed.1s.fr courriel.fr.nf moncourrier.fr.nf monemail.fr.nf monmail.fr.nf
        temp-mail.org temp-mail.io temp-mail.ru tempmail.com tempmail.net tempmail.de tempmail.eu tempmail.it tempmail.plus tempmailo.com
        tempmailaddress.com tempinbox.com tempinbox.co.uk tempemail.com tempemail.net tempemail.co.za temporaryemail.net temporaryinbox.com
        temporarymailaddress.com tempymail.com tmpmail.org tmpmail.net tmpeml.com tmail.ws mohmal.com mohmal.in emailondeck.com
        trashmail.com trashmail.net trashmail.org trashmail.at trashmail.me trashmail.de trashmail.ws trash-mail.com trash-mail.at
        trash-mail.de trashmailer.com trashymail.com trashymail.net wegwerfmail.de wegwerfmail.net wegwerfmail.org wegwerfemail.de
        wegwerfadresse.de einrot.com einrot.de cuvox.de dayrep.com fleckens.hu gustr.com jourrapide.com rhyta.com superrito.com teleworm.us
        armyspy.com fakeinbox.com fakeinbox.net fakemail.net fakemail.fr fakemailgenerator.com fakemailgenerator.net
        getnada.com nada.email abyssmail.com boximail.com clrmail.com dropjar.com getairmail.com givmail.com inboxbear.com robot-mail.com
        tafmail.com vomoto.com zetmail.com maildrop.cc mailnesia.com mailcatch.com mailnull.com mailexpire.com mailmetrash.com mailmoat.com
        mailscrap.com mailshell.com mailsiphon.com mailtemp.info mailtothis.com mailzilla.com mailzilla.org mailbidon.com mailbiz.biz
        mailblocks.com mailbucket.org mailcat.biz maileater.com mailfreeonline.com mailguard.me mailimate.com mailin8r.com mailinater.com
        mailincubator.com mailismagic.com mailme.ir mailme.lv mailnator.com mailnew.com mailpick.biz mailquack.com mailrock.biz mailslite.com
        mailtome.de mailtrash.net mailtv.net mailtv.tv mailforspam.com mailhazard.com mailpoof.com mail-temporaire.fr mail-temp.com
        dispostable.com discard.email discardmail.com discardmail.de throwawaymail.com throwawayemailaddress.com throwam.com
        throwawaymail.org despam.it despammed.com deadaddress.com deadspam.com disposableaddress.com disposableemailaddresses.com
        disposableinbox.com dodgeit.com dodgit.com dontreg.com dontsendmespam.de dumpmail.de dumpyemail.com e4ward.com easytrashmail.com
        emailfake.com emailgo.de emailias.com emailigo.de emailmiser.com emailsensei.com emailtemporanea.com emailtemporanea.net
        emailtemporar.ro emailthe.net emailtmp.com emailwarden.com emailx.at.hm eyepaste.com fastacura.com filzmail.com
        gishpuppy.com hidemail.de hmamail.com hulapla.de ieatspam.eu ieatspam.info imails.info inboxalias.com inboxclean.com
        inboxclean.org inboxkitten.com incognitomail.com incognitomail.net incognitomail.org instant-mail.de ipoo.org irish2me.com jetable.com
        jetable.net jetable.org jnxjn.com kasmail.com killmail.com killmail.net klassmaster.com klzlk.com kurzepost.de lifebyfood.com
        linshiyouxiang.net litedrop.com lookugly.com lroid.com luxusmail.org meltmail.com messagebeamer.de mierdamail.com mintemail.com
        moburl.com moakt.com moakt.co mt2009.com mt2014.com mytemp.email mytempemail.com mytrashmail.com nepwk.com nervmich.net
        nervtmich.net netmails.com netmails.net netzidiot.de neverbox.com no-spam.ws nobulk.com noclickemail.com nogmailspam.info nomail2me.com
        nospam4.us nospamfor.us nospammail.net notmailinator.com nowmymail.com objectmail.com obobbo.com onewaymail.com one-time.email
        ordinaryamerican.net owlpic.com pookmail.com proxymail.eu putthisinyourspamdatabase.com quickinbox.com rcpt.at
        recode.me regbypass.com rmqkr.net rppkn.com rtrtr.com safersignup.de safetymail.info safetypost.de sandelf.de
        selfdestructingmail.com sendspamhere.com shiftmail.com shitmail.me shortmail.net sibmail.com skeefmail.com slaskpost.se slopsbox.com
        smellfear.com snakemail.com sneakemail.com sofimail.com sofort-mail.de soodonims.com spam.la spam.su spamavert.com spambob.com
        spambob.net spambob.org spambog.com spambog.de spambog.ru spambox.info spambox.us spamcannon.com spamcero.com spamcorptastic.com
        spamcowboy.com spamday.com spamex.com spamfree24.com spamfree24.de spamfree24.eu spamfree24.org spamgoes.in spamgourmet.com
        spamgourmet.net spamgourmet.org spamhole.com spamify.com spaml.com spaml.de spammotel.com spamobox.com spamslicer.com spamspot.com
        spamthis.co.uk spamtrail.com speed.1s.fr supergreatmail.com supermailer.jp suremail.info teewars.org tempalias.com tempe-mail.com
        tempomail.fr temporarily.de temporarioemail.com.br thankyou2010.com thc.st tilien.com tittbit.in tradermail.info trbvm.com turual.com
        twinmail.de tyldd.com uggsrock.com upliftnow.com uplipht.com venompen.com veryrealemail.com viditag.com webm4il.info wh4f.org
        whyspam.me willhackforfood.biz willselfdestruct.com winemaven.info wronghead.com wuzup.net xagloo.com xemaps.com xents.com
        xmaily.com xoxy.net yep.it yogamaven.com yuurok.com zehnminutenmail.de zippymail.info zoemail.net zoemail.org burnermail.io
        harakirimail.com mailsac.com inboxes.com spamgourmet.com crazymailing.com anonbox.net anonymbox.com byom.de tempr.email dropmail.me
        10mail.xyz minuteinbox.com fake-box.com luxusmail.gq my10minutemail.com emltmp.com guerillamail.com guerillamail.org 33mail.com
        """);
}
