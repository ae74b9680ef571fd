package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.internal.EnvironmentProxies;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentProxiesTest {
  @TempDir Path directory;

  private static String select(Map<String, String> environment, String uri) {
    return select(environment, ProxySelector.of(null), uri);
  }

  private static String select(Map<String, String> environment, ProxySelector jvm, String uri) {
    Proxy proxy = new EnvironmentProxies(environment, jvm).proxyFor(URI.create(uri));
    return proxy.address() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : proxy.type().toString();
  }

  @Test
  void withoutVariablesGoesDirectly() {
    assertEquals("DIRECT", select(Map.of(), "https://example.org/"));
  }

  @Test
  void theVariableGoesByTheScheme() {
    Map<String, String> both =
        Map.of("HTTPS_PROXY", "http://10.0.0.1:3128", "HTTP_PROXY", "http://10.0.0.2:8080/");
    assertEquals("10.0.0.1:3128", select(both, "https://example.org/"));
    assertEquals("10.0.0.2:8080", select(both, "http://example.org/"));
  }

  @Test
  void lowerCaseWins() {
    Map<String, String> both =
        Map.of("https_proxy", "http://10.0.0.1:1", "HTTPS_PROXY", "http://10.0.0.2:2");
    assertEquals("10.0.0.1:1", select(both, "https://example.org/"));
  }

  @Test
  void theSchemeAndThePortMayBeMissing() {
    assertEquals("10.0.0.1:80", select(Map.of("https_proxy", "10.0.0.1"), "https://a.org/"));
    assertEquals("10.0.0.1:81", select(Map.of("https_proxy", "10.0.0.1:81"), "https://a.org/"));
  }

  @Test
  void whatIsNoHttpProxyIsNotUsed() {
    assertEquals("DIRECT", select(Map.of("https_proxy", "socks5://10.0.0.1:1"), "https://a.org/"));
    assertEquals("DIRECT", select(Map.of("https_proxy", "::: no address"), "https://a.org/"));
    assertEquals("DIRECT", select(Map.of("https_proxy", "  "), "https://a.org/"));
    assertEquals("DIRECT", select(Map.of("https_proxy", "10.0.0.1:65536"), "https://a.org/"));
  }

  @Test
  void exemptHostsAreReachedDirectly() {
    Map<String, String> environment =
        Map.of(
            "https_proxy",
            "10.0.0.1:1",
            "no_proxy",
            "example.org, .example.com,*.example.net,10.1.2.3,ported.org:8443");
    for (String host :
        List.of(
            "example.org",
            "www.example.org",
            "EXAMPLE.org",
            "example.com",
            "www.example.com",
            "www.example.net",
            "10.1.2.3",
            "ported.org:8443",
            "localhost",
            "127.0.0.1",
            "[::1]")) {
      assertEquals("DIRECT", select(environment, "https://" + host + "/"), host);
    }
    for (String host : List.of("notexample.org", "example.org.evil.org", "ported.org")) {
      assertEquals("10.0.0.1:1", select(environment, "https://" + host + "/"), host);
    }
    assertEquals(
        "DIRECT",
        select(Map.of("https_proxy", "10.0.0.1:1", "NO_PROXY", "*"), "https://example.org/"));
  }

  @Test
  void theJvmsOwnProxyWins() {
    ProxySelector jvm = ProxySelector.of(InetSocketAddress.createUnresolved("10.9.9.9", 9));
    assertEquals(
        "10.9.9.9:9", select(Map.of("https_proxy", "10.0.0.1:1"), jvm, "https://example.org/"));
  }

  @Test
  void theJvmsOwnExemptionsWin() {
    String before = System.getProperty("https.proxyHost");
    System.setProperty("https.proxyHost", "10.9.9.9");
    try {
      // A JVM with a proxy that answers DIRECT has been told to by http.nonProxyHosts.
      assertEquals("DIRECT", select(Map.of("https_proxy", "10.0.0.1:1"), "https://example.org/"));
    } finally {
      if (before == null) {
        System.clearProperty("https.proxyHost");
      } else {
        System.setProperty("https.proxyHost", before);
      }
    }
  }

  @Test
  void aProxyThatIsNotThereIsNamed() throws IOException {
    EnvironmentProxies proxies =
        new EnvironmentProxies(Map.of("HTTP_PROXY", "http://127.0.0.1:1"), ProxySelector.of(null));
    Downloader.Options options =
        new Downloader.Options(
            Duration.ofSeconds(2), Duration.ofSeconds(2), 1, Duration.ZERO, proxies);
    TinyDataset tiny = TinyDataset.at(URI.create("http://data.example.invalid/"));
    DatasetCache cache = new DatasetCache(directory, false, DownloadListener.NONE, options);

    DownloadException e = assertThrows(DownloadException.class, () -> cache.fetch(tiny.source()));

    assertTrue(
        e.getMessage().contains("(connection refused by the proxy /127.0.0.1:1)"), e::getMessage);
  }

  @Test
  void downloadsGoThroughTheProxy() throws IOException {
    try (LocalMirror proxy = new LocalMirror()) {
      TinyDataset tiny = TinyDataset.at(URI.create("http://data.example.invalid/"));
      proxy.serving(tiny);
      EnvironmentProxies proxies =
          new EnvironmentProxies(
              Map.of("HTTP_PROXY", "http://127.0.0.1:" + proxy.port()), ProxySelector.of(null));
      Downloader.Options options =
          new Downloader.Options(
              Duration.ofSeconds(2), Duration.ofSeconds(2), 1, Duration.ZERO, proxies);
      new DatasetCache(directory, false, DownloadListener.NONE, options).fetch(tiny.source());
      assertEquals(4, proxy.requests().size());
    }
  }

  @Test
  void theProxysNameAndPasswordAreGivenToTheProxy() throws IOException {
    try (LocalMirror proxy = new LocalMirror()) {
      TinyDataset tiny = TinyDataset.at(URI.create("http://data.example.invalid/"));
      proxy
          .serving(tiny)
          .behaving(
              exchange -> {
                String given = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
                // "me:p@ss" in base 64.
                if ("Basic bWU6cEBzcw==".equals(given)) {
                  proxy.serve(exchange);
                } else {
                  exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"test\"");
                  LocalMirror.answer(exchange, 407, new byte[0]);
                }
              });
      EnvironmentProxies proxies =
          new EnvironmentProxies(
              Map.of("HTTP_PROXY", "http://me:p%40ss@127.0.0.1:" + proxy.port()),
              ProxySelector.of(null));
      Downloader.Options options =
          new Downloader.Options(
              Duration.ofSeconds(2), Duration.ofSeconds(2), 1, Duration.ZERO, proxies);
      new DatasetCache(directory, false, DownloadListener.NONE, options).fetch(tiny.source());
    }
  }

  @Test
  void anExemptionWithTheSchemesOwnPortCounts() {
    Map<String, String> proxies = Map.of("https_proxy", "10.0.0.1:1", "http_proxy", "10.0.0.1:1");
    Map<String, String> secure = new HashMap<>(proxies);
    secure.put("no_proxy", "example.org:443");
    assertEquals("DIRECT", select(secure, "https://example.org/"));
    assertEquals("10.0.0.1:1", select(secure, "http://example.org/"));
    Map<String, String> plain = new HashMap<>(proxies);
    plain.put("no_proxy", "example.org:80");
    assertEquals("10.0.0.1:1", select(plain, "https://example.org/"));
    assertEquals("DIRECT", select(plain, "http://example.org/"));
  }
}
