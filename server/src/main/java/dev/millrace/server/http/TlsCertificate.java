package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * What the server proves its name with: its certificate, those that vouch for it, and the key that
 * belongs to the first of them.
 */
public record TlsCertificate(List<X509Certificate> chain, PrivateKey key) {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  /**
   * @throws IllegalArgumentException if the key is not that of the certificate
   */
  public TlsCertificate {
    chain = List.copyOf(chain);
    if (!fits(key, chain.getFirst().getPublicKey())) {
      throw new IllegalArgumentException("the key does not belong to the certificate");
    }
  }

  /** What one signs, the other must accept. */
  private static boolean fits(PrivateKey key, PublicKey certified) {
    try {
      Signature signature = Signature.getInstance(signatureFor(certified));
      byte[] text = "a text to sign".getBytes(US_ASCII);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String signatureFor(PublicKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
  }

  /**
   * Reads certificates in PEM form, the server's own first.
   *
   * @throws IOException whose message says what is wrong with the file
   */
  public static List<X509Certificate> readChain(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (chain.isEmpty()) {
        throw new IOException("there is no certificate in " + file);
      }
      return chain;
    } catch (CertificateException e) {
      throw new IOException("%s has no certificates in PEM form".formatted(file), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads a private key in PEM form.
   *
   * @param owner the certificate that it belongs to, which says of what kind it is
   * @throws IOException whose message says what is wrong with the file
   */
  public static PrivateKey readKey(Path file, X509Certificate owner) throws IOException {
    try {
      Matcher pem = KEY.matcher(Files.readString(file, US_ASCII));
      if (!pem.find()) {
        throw new IOException(
            file
                + " has no unencrypted 'BEGIN PRIVATE KEY'; 'openssl pkcs8 -topk8 -nodes' makes"
                + " one of other keys");
      }
      byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
      return KeyFactory.getInstance(owner.getPublicKey().getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("the key in %s is not that of the certificate".formatted(file), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static IOException unreadable(Path file, IOException cause) {
    return switch (cause) {
      case NoSuchFileException missing -> new IOException("there is no file " + file, cause);
      case FileSystemException other -> new IOException("cannot read " + file, cause);
      default -> cause;
    };
  }

  /** For connections that choose between HTTP/2 and HTTP/1.1. */
  SslContext context() {
    try {
      return SslContextBuilder.forServer(key, chain)
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2,
                  ApplicationProtocolNames.HTTP_1_1))
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("no TLS with the certificate", e);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "TlsCertificate[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
