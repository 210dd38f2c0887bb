package dev.millrace.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate for this machine that nobody vouches for, and its key, as files in PEM form. Made
 * by the JDK's {@code keytool}.
 */
record SelfSigned(Path certificate, Path key) {
  private static final String ALIAS = "server";
  private static final char[] PASSWORD = "changeit".toCharArray();

  /**
   * @param algorithm {@code EC}, {@code RSA} or {@code Ed25519}
   */
  static SelfSigned in(Path folder, String algorithm)
      throws IOException, InterruptedException, GeneralSecurityException {
    Files.createDirectories(folder);
    Path store = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "2",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool made no certificate");
    }
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      made.load(in, PASSWORD);
    }
    return new SelfSigned(
        write(folder.resolve("cert.pem"), "CERTIFICATE", made.getCertificate(ALIAS).getEncoded()),
        write(folder.resolve("key.pem"), "PRIVATE KEY", made.getKey(ALIAS, PASSWORD).getEncoded()));
  }

  private static Path write(Path file, String label, byte[] der) throws IOException {
    return Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(label, Base64.getMimeEncoder().encodeToString(der)));
  }
}
