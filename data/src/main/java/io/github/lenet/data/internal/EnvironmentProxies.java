package io.github.lenet.data.internal;

import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses the proxy of a download. The JVM's properties ({@code https.proxyHost} and the like) come
 * first, then the variables {@code HTTPS_PROXY} and {@code HTTP_PROXY}, which the JVM ignores.
 * {@code NO_PROXY} lists hosts without a proxy: names, which include their subdomains, or {@code
 * *}, each with an optional port. Lower-case variables take precedence.
 */
public final class EnvironmentProxies {
  private static final System.Logger LOG =
      System.getLogger(EnvironmentProxies.class.getPackageName());
  private static final int DEFAULT_PORT = 80;
  private static final int LARGEST_PORT = 65_535;

  private final Map<String, String> environment;
  private final ProxySelector jvm;

  /**
   * Creates a chooser with the given settings.
   *
   * @param environment the environment variables
   * @param jvm the JVM's selector, which takes precedence
   */
  public EnvironmentProxies(Map<String, String> environment, ProxySelector jvm) {
    this.environment = Map.copyOf(environment);
    this.jvm = jvm;
  }

  /** {@return a chooser with the settings of this process} */
  public static EnvironmentProxies ofSystem() {
    ProxySelector jvm = ProxySelector.getDefault();
    return new EnvironmentProxies(System.getenv(), jvm == null ? ProxySelector.of(null) : jvm);
  }

  /**
   * Chooses a proxy.
   *
   * @param uri an http or https address with a host
   * @return the proxy, or {@link Proxy#NO_PROXY}
   */
  public Proxy proxyFor(URI uri) {
    Proxy chosen = jvm.select(uri).get(0);
    boolean jvmKnowsOne = chosen.type() != Proxy.Type.DIRECT;
    // The JVM's DIRECT can also come from http.nonProxyHosts.
    boolean jvmWasTold = System.getProperty(scheme(uri) + ".proxyHost") != null;
    if (jvmKnowsOne || jvmWasTold || isExempt(uri)) {
      return chosen;
    }
    return proxyAddress(uri)
        .map(
            address ->
                new Proxy(
                    Proxy.Type.HTTP,
                    new InetSocketAddress(address.getHost(), port(address, DEFAULT_PORT))))
        .orElse(chosen);
  }

  /**
   * Returns an authenticator that sends the name and password in {@code HTTPS_PROXY} or {@code
   * HTTP_PROXY} to that proxy only.
   *
   * @return an authenticator for any number of connections
   */
  public Authenticator authenticator() {
    return new Authenticator() {
      @Override
      protected PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        for (String scheme : List.of("https", "http")) {
          Optional<URI> proxy = parse(variable(scheme + "_proxy"));
          if (proxy.isPresent()
              && proxy.get().getHost().equalsIgnoreCase(getRequestingHost())
              && proxy.get().getRawUserInfo() != null) {
            String[] parts = proxy.get().getRawUserInfo().split(":", 2);
            String password = parts.length == 2 ? parts[1] : "";
            return new PasswordAuthentication(decode(parts[0]), decode(password).toCharArray());
          }
        }
        return null;
      }
    };
  }

  private Optional<URI> proxyAddress(URI uri) {
    return parse(variable(scheme(uri) + "_proxy"));
  }

  private boolean isExempt(URI uri) {
    String host = withoutBrackets(uri.getHost());
    if (host.equals("localhost") || host.startsWith("127.") || host.equals("::1")) {
      return true;
    }
    int port = port(uri, scheme(uri).equals("https") ? 443 : 80);
    for (String entry : variable("no_proxy").split("[,\\s]+")) {
      String exempt = withoutBrackets(entry.toLowerCase(Locale.ROOT));
      int colon = exempt.lastIndexOf(':');
      if (colon > 0 && exempt.indexOf(':') == colon) {
        if (!exempt.substring(colon + 1).equals(String.valueOf(port))) {
          continue;
        }
        exempt = exempt.substring(0, colon);
      }
      if (exempt.startsWith("*.")) {
        exempt = exempt.substring(1);
      }
      if (exempt.equals("*")
          || exempt.equals(host)
          || exempt.startsWith(".") && (host.endsWith(exempt) || exempt.equals("." + host))
          || !exempt.isEmpty() && host.endsWith("." + exempt)) {
        return true;
      }
    }
    return false;
  }

  private String variable(String lowerCaseName) {
    String lower = environment.getOrDefault(lowerCaseName, "");
    return lower.isBlank()
        ? environment.getOrDefault(lowerCaseName.toUpperCase(Locale.ROOT), "").strip()
        : lower.strip();
  }

  private static Optional<URI> parse(String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI address = URI.create(value.contains("://") ? value : "http://" + value);
      if (address.getHost() != null
          && address.getPort() <= LARGEST_PORT
          && "http".equalsIgnoreCase(address.getScheme())) {
        return Optional.of(address);
      }
    } catch (IllegalArgumentException e) {
      // Logged below, without the value: it can contain a password.
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "HTTPS_PROXY or HTTP_PROXY is not of the form http://host:port, and is not used");
    return Optional.empty();
  }

  private static String scheme(URI uri) {
    return uri.getScheme().toLowerCase(Locale.ROOT);
  }

  private static int port(URI uri, int otherwise) {
    return uri.getPort() < 0 ? otherwise : uri.getPort();
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]")
        ? host.substring(1, host.length() - 1)
        : host.toLowerCase(Locale.ROOT);
  }

  private static String decode(String text) {
    // URLDecoder would decode a plus sign in a password as a space.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
