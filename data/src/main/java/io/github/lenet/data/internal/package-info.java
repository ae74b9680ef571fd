/**
 * Internal classes of {@code io.github.lenet.data}: hashing, drawing, proxies. They know no data
 * set.
 */
package io.github.lenet.data.internal;
