package io.github.lenet.data;

import java.net.ProxySelector;
import java.time.Duration;

/**
 * How patient a download is.
 *
 * @param connectTimeout until a connection stands
 * @param stallTimeout until a response begins, and between one piece of its body and the next
 * @param rounds how often each mirror is tried at most; more than once only if its failure may pass
 * @param backoff the pause before the second round; it doubles with every further one
 * @param proxies which proxy to take
 */
record DownloadOptions(
    Duration connectTimeout,
    Duration stallTimeout,
    int rounds,
    Duration backoff,
    ProxySelector proxies) {

  DownloadOptions {
    if (rounds <= 0) {
      throw new IllegalArgumentException("rounds (" + rounds + ") must be positive");
    }
  }

  /** Three rounds; a mirror that does not respond costs a few seconds. */
  static DownloadOptions standard() {
    return new DownloadOptions(
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        3,
        Duration.ofSeconds(1),
        EnvironmentProxySelector.ofSystem());
  }
}
