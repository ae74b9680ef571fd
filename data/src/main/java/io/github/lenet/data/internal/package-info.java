/** The insides of {@code io.github.lenet.data}: hashing, drawing, proxies. Knows no data set. */
package io.github.lenet.data.internal;
