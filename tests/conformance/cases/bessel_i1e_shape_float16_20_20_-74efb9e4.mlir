module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x20xf16>) -> (tensor<20x20xf16> {jax.result_info = "result"}) {
    %0 = chlo.bessel_i1e %arg0 : tensor<20x20xf16> -> tensor<20x20xf16>
    return %0 : tensor<20x20xf16>
  }
}
