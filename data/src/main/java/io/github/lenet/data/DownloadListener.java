package io.github.lenet.data;

import java.net.URI;

/**
 * Is told how a download goes. All calls come from the thread that called {@link
 * DatasetCache#fetch}, which waits for them.
 */
public interface DownloadListener {
  /** Listens to nothing. */
  DownloadListener NONE = new DownloadListener() {};

  /**
   * Another process or thread is downloading the data set; this one waits until it is done.
   *
   * @param source the data set
   */
  default void onWait(DatasetSource source) {}

  /**
   * A file is about to be asked for.
   *
   * @param file the file
   * @param from its address
   */
  default void onStart(DatasetFile file, URI from) {}

  /**
   * More of a file has arrived; called every few kilobytes.
   *
   * @param file the file
   * @param bytesSoFar how much of it there is, in bytes, with what an earlier attempt left behind;
   *     can fall back when a mirror starts over
   */
  default void onProgress(DatasetFile file, long bytesSoFar) {}

  /**
   * An address failed; the next mirror, or the same one after a pause, is tried if there is one.
   *
   * @param file the file
   * @param from the address that failed
   * @param why why, in a few words
   */
  default void onRetry(DatasetFile file, URI from, String why) {}

  /**
   * A file is there, whole and verified.
   *
   * @param file the file
   * @param from the address it came from
   */
  default void onDone(DatasetFile file, URI from) {}
}
