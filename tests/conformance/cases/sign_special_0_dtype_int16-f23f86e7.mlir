module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() -> (tensor<2x2xi16> {jax.result_info = "result"}) {
    %c = stablehlo.constant dense<0> : tensor<2x2xi16>
    %0 = stablehlo.sign %c : tensor<2x2xi16>
    return %0 : tensor<2x2xi16>
  }
}
