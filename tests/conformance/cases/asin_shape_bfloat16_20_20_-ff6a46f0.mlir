module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x20xbf16>) -> (tensor<20x20xbf16> {jax.result_info = "result"}) {
    %cst = stablehlo.constant dense<1.000000e+00> : tensor<bf16>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<bf16>) -> tensor<20x20xbf16>
    %1 = stablehlo.subtract %0, %arg0 : tensor<20x20xbf16>
    %cst_0 = stablehlo.constant dense<1.000000e+00> : tensor<bf16>
    %2 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<bf16>) -> tensor<20x20xbf16>
    %3 = stablehlo.add %2, %arg0 : tensor<20x20xbf16>
    %4 = stablehlo.multiply %1, %3 : tensor<20x20xbf16>
    %5 = stablehlo.sqrt %4 : tensor<20x20xbf16>
    %6 = stablehlo.atan2 %arg0, %5 : tensor<20x20xbf16>
    return %6 : tensor<20x20xbf16>
  }
}
