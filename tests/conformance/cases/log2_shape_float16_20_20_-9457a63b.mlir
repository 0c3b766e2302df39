module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x20xf16>) -> (tensor<20x20xf16> {jax.result_info = "result"}) {
    %0 = stablehlo.log %arg0 : tensor<20x20xf16>
    %cst = stablehlo.constant dense<1.442380e+00> : tensor<f16>
    %1 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f16>) -> tensor<20x20xf16>
    %2 = stablehlo.multiply %0, %1 : tensor<20x20xf16>
    return %2 : tensor<20x20xf16>
  }
}
