"builtin.module"() <{sym_name = "jit_model"}> ({
  "func.func"() <{arg_attrs = [{}, {}, {}], function_type = (tensor<4x5xf32>, tensor<6x5xf32>, tensor<4x5xi32>) -> (tensor<i32>, tensor<6xf32>, tensor<4x5xf32>, tensor<4x5xf16>, tensor<4x5xi32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<5xf32>, tensor<4x3xf32>, tensor<4x2xf32>, tensor<4x2xi32>, tensor<4x5xf32>, tensor<5x5xf32>, tensor<4x5xf32>, tensor<3x4xf32>, tensor<6x7xf32>, tensor<i32>, tensor<5xf32>, tensor<4x5xcomplex<f32>>, tensor<5xi1>, tensor<4x5xbf16>), res_attrs = [{jax.result_info = "result[0]"}, {jax.result_info = "result[1]"}, {jax.result_info = "result[2]"}, {jax.result_info = "result[3]"}, {jax.result_info = "result[4]"}, {jax.result_info = "result[5]"}, {jax.result_info = "result[6]"}, {jax.result_info = "result[7]"}, {jax.result_info = "result[8]"}, {jax.result_info = "result[9][0]"}, {jax.result_info = "result[9][1]"}, {jax.result_info = "result[10]"}, {jax.result_info = "result[11]"}, {jax.result_info = "result[12]"}, {jax.result_info = "result[13]"}, {jax.result_info = "result[14]"}, {jax.result_info = "result[15][0]"}, {jax.result_info = "result[15][1]"}, {jax.result_info = "result[16]"}, {jax.result_info = "result[17]"}, {jax.result_info = "result[18]"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg20: tensor<4x5xf32>, %arg21: tensor<6x5xf32>, %arg22: tensor<4x5xi32>):
    %45 = "stablehlo.constant"() <{value = dense<[(1.000000e+00,2.000000e+00), (3.000000e+00,-1.000000e+00), (0.000000e+00,0.000000e+00), (0.000000e+00,1.000000e+00), (-1.000000e+00,0.000000e+00)]> : tensor<5xcomplex<f32>>}> : () -> tensor<5xcomplex<f32>>
    %46 = "stablehlo.constant"() <{value = dense<[true, false, true, true, false]> : tensor<5xi1>}> : () -> tensor<5xi1>
    %47 = "stablehlo.slice"(%arg20) <{limit_indices = array<i64: 1, 5>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<4x5xf32>) -> tensor<1x5xf32>
    %48 = "stablehlo.reshape"(%47) : (tensor<1x5xf32>) -> tensor<5xf32>
    %49 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %50 = "stablehlo.broadcast_in_dim"(%49) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6x5xf32>
    %51 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %52:4 = "stablehlo.while"(%arg21, %51, %48, %50) ({
    ^bb0(%arg53: tensor<6x5xf32>, %arg54: tensor<i32>, %arg55: tensor<5xf32>, %arg56: tensor<6x5xf32>):
      %185 = "stablehlo.constant"() <{value = dense<6> : tensor<i32>}> : () -> tensor<i32>
      %186 = "stablehlo.compare"(%arg54, %185) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%186) : (tensor<i1>) -> ()
    }, {
    ^bb0(%arg49: tensor<6x5xf32>, %arg50: tensor<i32>, %arg51: tensor<5xf32>, %arg52: tensor<6x5xf32>):
      %179 = "func.call"(%arg49, %arg50) <{callee = @dynamic_index_in_dim}> : (tensor<6x5xf32>, tensor<i32>) -> tensor<5xf32>
      %180 = "stablehlo.sine"(%arg51) : (tensor<5xf32>) -> tensor<5xf32>
      %181 = "stablehlo.add"(%180, %179) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
      %182 = "func.call"(%arg52, %arg51, %arg50) <{callee = @dynamic_update_index_in_dim}> : (tensor<6x5xf32>, tensor<5xf32>, tensor<i32>) -> tensor<6x5xf32>
      %183 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %184 = "stablehlo.add"(%arg50, %183) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%arg49, %184, %181, %182) : (tensor<6x5xf32>, tensor<i32>, tensor<5xf32>, tensor<6x5xf32>) -> ()
    }) : (tensor<6x5xf32>, tensor<i32>, tensor<5xf32>, tensor<6x5xf32>) -> (tensor<6x5xf32>, tensor<i32>, tensor<5xf32>, tensor<6x5xf32>)
    %53 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %54 = "stablehlo.reduce"(%52#2, %53) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg47: tensor<f32>, %arg48: tensor<f32>):
      %178 = "stablehlo.add"(%arg47, %arg48) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%178) : (tensor<f32>) -> ()
    }) : (tensor<5xf32>, tensor<f32>) -> tensor<f32>
    %55 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %56 = "stablehlo.compare"(%54, %55) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %57 = "stablehlo.convert"(%56) : (tensor<i1>) -> tensor<i32>
    %58 = "stablehlo.case"(%57) ({
      %175 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
      %176 = "stablehlo.broadcast_in_dim"(%175) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<5xf32>
      %177 = "stablehlo.subtract"(%52#2, %176) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
      "stablehlo.return"(%177) : (tensor<5xf32>) -> ()
    }, {
      %172 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
      %173 = "stablehlo.broadcast_in_dim"(%172) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<5xf32>
      %174 = "stablehlo.multiply"(%52#2, %173) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
      "stablehlo.return"(%174) : (tensor<5xf32>) -> ()
    }) : (tensor<i32>) -> tensor<5xf32>
    %59:2 = "chlo.top_k"(%arg20) <{is_stable = true, k = 2 : i64}> : (tensor<4x5xf32>) -> (tensor<4x2xf32>, tensor<4x2xi32>)
    %60 = "stablehlo.convert"(%arg20) : (tensor<4x5xf32>) -> tensor<4x5xf16>
    %61:2 = "stablehlo.sort"(%60, %arg22) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg43: tensor<f16>, %arg44: tensor<f16>, %arg45: tensor<i32>, %arg46: tensor<i32>):
      %153 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f16>}> : () -> tensor<f16>
      %154 = "stablehlo.compare"(%arg43, %153) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %155 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f16>}> : () -> tensor<f16>
      %156 = "stablehlo.select"(%154, %155, %arg43) : (tensor<i1>, tensor<f16>, tensor<f16>) -> tensor<f16>
      %157 = "stablehlo.compare"(%arg43, %arg43) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %158 = "stablehlo.constant"() <{value = dense<0x7E00> : tensor<f16>}> : () -> tensor<f16>
      %159 = "stablehlo.select"(%157, %158, %156) : (tensor<i1>, tensor<f16>, tensor<f16>) -> tensor<f16>
      %160 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f16>}> : () -> tensor<f16>
      %161 = "stablehlo.compare"(%arg44, %160) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %162 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f16>}> : () -> tensor<f16>
      %163 = "stablehlo.select"(%161, %162, %arg44) : (tensor<i1>, tensor<f16>, tensor<f16>) -> tensor<f16>
      %164 = "stablehlo.compare"(%arg44, %arg44) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %165 = "stablehlo.constant"() <{value = dense<0x7E00> : tensor<f16>}> : () -> tensor<f16>
      %166 = "stablehlo.select"(%164, %165, %163) : (tensor<i1>, tensor<f16>, tensor<f16>) -> tensor<f16>
      %167 = "stablehlo.compare"(%arg45, %arg46) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %168 = "stablehlo.compare"(%159, %166) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %169 = "stablehlo.compare"(%159, %166) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %170 = "stablehlo.and"(%169, %167) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %171 = "stablehlo.or"(%168, %170) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%171) : (tensor<i1>) -> ()
    }) : (tensor<4x5xf16>, tensor<4x5xi32>) -> (tensor<4x5xf16>, tensor<4x5xi32>)
    %62 = "stablehlo.reshape"(%52#3) : (tensor<6x5xf32>) -> tensor<30xf32>
    %63 = "func.call"(%62) <{callee = @argmax}> : (tensor<30xf32>) -> tensor<i32>
    %64 = "stablehlo.transpose"(%52#3) <{permutation = array<i64: 1, 0>}> : (tensor<6x5xf32>) -> tensor<5x6xf32>
    %65 = "stablehlo.dot_general"(%58, %64) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<5xf32>, tensor<5x6xf32>) -> tensor<6xf32>
    %66 = "stablehlo.sort"(%arg20) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg41: tensor<f32>, %arg42: tensor<f32>):
      %138 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
      %139 = "stablehlo.compare"(%arg41, %138) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %140 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
      %141 = "stablehlo.select"(%139, %140, %arg41) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %142 = "stablehlo.compare"(%arg41, %arg41) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %143 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
      %144 = "stablehlo.select"(%142, %143, %141) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %145 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
      %146 = "stablehlo.compare"(%arg42, %145) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %147 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
      %148 = "stablehlo.select"(%146, %147, %arg42) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %149 = "stablehlo.compare"(%arg42, %arg42) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %150 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
      %151 = "stablehlo.select"(%149, %150, %148) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %152 = "stablehlo.compare"(%144, %151) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%152) : (tensor<i1>) -> ()
    }) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %67 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %68 = "stablehlo.reduce"(%arg20, %67) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg39: tensor<f32>, %arg40: tensor<f32>):
      %137 = "stablehlo.maximum"(%arg39, %arg40) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%137) : (tensor<f32>) -> ()
    }) : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %69 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %70 = "stablehlo.broadcast_in_dim"(%69) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4xf32>
    %71 = "stablehlo.maximum"(%70, %68) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %72 = "stablehlo.broadcast_in_dim"(%71) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xf32>) -> tensor<4x1xf32>
    %73 = "stablehlo.broadcast_in_dim"(%72) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4x1xf32>) -> tensor<4x5xf32>
    %74 = "stablehlo.subtract"(%arg20, %73) : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xf32>
    %75 = "stablehlo.exponential"(%74) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %76 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %77 = "stablehlo.reduce"(%75, %76) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg37: tensor<f32>, %arg38: tensor<f32>):
      %136 = "stablehlo.add"(%arg37, %arg38) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%136) : (tensor<f32>) -> ()
    }) : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %78 = "stablehlo.broadcast_in_dim"(%77) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xf32>) -> tensor<4x1xf32>
    %79 = "stablehlo.broadcast_in_dim"(%78) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4x1xf32>) -> tensor<4x5xf32>
    %80 = "stablehlo.divide"(%75, %79) : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xf32>
    %81 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %82 = "stablehlo.broadcast_in_dim"(%81) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<1xi32>
    %83 = "stablehlo.scatter"(%arg20, %82, %58) <{indices_are_sorted = true, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [0], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0]>, unique_indices = true}> ({
    ^bb0(%arg35: tensor<f32>, %arg36: tensor<f32>):
      %135 = "stablehlo.add"(%arg35, %arg36) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%135) : (tensor<f32>) -> ()
    }) : (tensor<4x5xf32>, tensor<1xi32>, tensor<5xf32>) -> tensor<4x5xf32>
    %84 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %85 = "stablehlo.reduce"(%arg20, %84) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg33: tensor<f32>, %arg34: tensor<f32>):
      %134 = "stablehlo.multiply"(%arg33, %arg34) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%134) : (tensor<f32>) -> ()
    }) : (tensor<4x5xf32>, tensor<f32>) -> tensor<5xf32>
    %86 = "stablehlo.slice"(%arg20) <{limit_indices = array<i64: 4, 5>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 2>}> : (tensor<4x5xf32>) -> tensor<4x3xf32>
    %87 = "stablehlo.constant"() <{value = dense<2.000000e+01> : tensor<f32>}> : () -> tensor<f32>
    %88 = "stablehlo.broadcast_in_dim"(%87) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x5xf32>
    %89 = "stablehlo.divide"(%arg20, %88) : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xf32>
    %90 = "chlo.erf_inv"(%89) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %91 = "stablehlo.slice"(%arg22) <{limit_indices = array<i64: 1, 5>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<4x5xi32>) -> tensor<1x5xi32>
    %92 = "stablehlo.reshape"(%91) : (tensor<1x5xi32>) -> tensor<5xi32>
    %93 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %94 = "func.call"(%92, %93) <{callee = @remainder}> : (tensor<5xi32>, tensor<i32>) -> tensor<5xi32>
    %95 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %96 = "stablehlo.broadcast_in_dim"(%95) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5xi32>
    %97 = "stablehlo.compare"(%94, %96) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi1>
    %98 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %99 = "stablehlo.broadcast_in_dim"(%98) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5xi32>
    %100 = "stablehlo.add"(%94, %99) : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
    %101 = "stablehlo.select"(%97, %100, %94) : (tensor<5xi1>, tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
    %102 = "stablehlo.broadcast_in_dim"(%101) <{broadcast_dimensions = array<i64: 0>}> : (tensor<5xi32>) -> tensor<5x1xi32>
    %103 = "stablehlo.gather"(%arg20, %102) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 5>}> : (tensor<4x5xf32>, tensor<5x1xi32>) -> tensor<5x5xf32>
    %104 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %105 = "stablehlo.broadcast_in_dim"(%104) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x5xf32>
    %106 = "stablehlo.compare"(%arg20, %105) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xi1>
    %107 = "stablehlo.constant"() <{value = dense<0x7F800000> : tensor<f32>}> : () -> tensor<f32>
    %108 = "func.call"(%106, %arg20, %107) <{callee = @_where_0}> : (tensor<4x5xi1>, tensor<4x5xf32>, tensor<f32>) -> tensor<4x5xf32>
    %109 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<12xf32>
    %110 = "stablehlo.reshape"(%109) : (tensor<12xf32>) -> tensor<3x4xf32>
    %111 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %112 = "func.call"(%arg20, %111) <{callee = @_pad}> : (tensor<4x5xf32>, tensor<i32>) -> tensor<6x7xf32>
    %113 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %114:4 = "stablehlo.while"(%arg22, %52#2, %113, %52#2) ({
    ^bb0(%arg27: tensor<4x5xi32>, %arg28: tensor<5xf32>, %arg29: tensor<i32>, %arg30: tensor<5xf32>):
      %130 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
      %131 = "stablehlo.reduce"(%arg27, %130) <{dimensions = array<i64: 0, 1>}> ({
      ^bb0(%arg31: tensor<i32>, %arg32: tensor<i32>):
        %133 = "stablehlo.add"(%arg31, %arg32) : (tensor<i32>, tensor<i32>) -> tensor<i32>
        "stablehlo.return"(%133) : (tensor<i32>) -> ()
      }) : (tensor<4x5xi32>, tensor<i32>) -> tensor<i32>
      %132 = "stablehlo.compare"(%arg29, %131) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%132) : (tensor<i1>) -> ()
    }, {
    ^bb0(%arg23: tensor<4x5xi32>, %arg24: tensor<5xf32>, %arg25: tensor<i32>, %arg26: tensor<5xf32>):
      %127 = "stablehlo.constant"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
      %128 = "stablehlo.add"(%arg25, %127) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %129 = "stablehlo.multiply"(%arg26, %arg24) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
      "stablehlo.return"(%arg23, %arg24, %128, %129) : (tensor<4x5xi32>, tensor<5xf32>, tensor<i32>, tensor<5xf32>) -> ()
    }) : (tensor<4x5xi32>, tensor<5xf32>, tensor<i32>, tensor<5xf32>) -> (tensor<4x5xi32>, tensor<5xf32>, tensor<i32>, tensor<5xf32>)
    %115 = "stablehlo.complex"(%arg20, %arg20) : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xcomplex<f32>>
    %116 = "stablehlo.broadcast_in_dim"(%45) <{broadcast_dimensions = array<i64: 1>}> : (tensor<5xcomplex<f32>>) -> tensor<1x5xcomplex<f32>>
    %117 = "stablehlo.broadcast_in_dim"(%116) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<1x5xcomplex<f32>>) -> tensor<4x5xcomplex<f32>>
    %118 = "stablehlo.multiply"(%115, %117) : (tensor<4x5xcomplex<f32>>, tensor<4x5xcomplex<f32>>) -> tensor<4x5xcomplex<f32>>
    %119 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %120 = "stablehlo.broadcast_in_dim"(%119) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<5xf32>
    %121 = "stablehlo.compare"(%52#2, %120) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xi1>
    %122 = "stablehlo.and"(%46, %121) : (tensor<5xi1>, tensor<5xi1>) -> tensor<5xi1>
    %123 = "stablehlo.convert"(%arg20) : (tensor<4x5xf32>) -> tensor<4x5xbf16>
    %124 = "stablehlo.constant"() <{value = dense<3.000000e+00> : tensor<bf16>}> : () -> tensor<bf16>
    %125 = "stablehlo.broadcast_in_dim"(%124) <{broadcast_dimensions = array<i64>}> : (tensor<bf16>) -> tensor<4x5xbf16>
    %126 = "stablehlo.multiply"(%123, %125) : (tensor<4x5xbf16>, tensor<4x5xbf16>) -> tensor<4x5xbf16>
    "func.return"(%63, %65, %66, %61#0, %61#1, %80, %83, %85, %86, %59#0, %59#1, %90, %103, %108, %110, %112, %114#2, %114#3, %118, %122, %126) : (tensor<i32>, tensor<6xf32>, tensor<4x5xf32>, tensor<4x5xf16>, tensor<4x5xi32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<5xf32>, tensor<4x3xf32>, tensor<4x2xf32>, tensor<4x2xi32>, tensor<4x5xf32>, tensor<5x5xf32>, tensor<4x5xf32>, tensor<3x4xf32>, tensor<6x7xf32>, tensor<i32>, tensor<5xf32>, tensor<4x5xcomplex<f32>>, tensor<5xi1>, tensor<4x5xbf16>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}], function_type = (tensor<6x5xf32>, tensor<i32>) -> tensor<5xf32>, res_attrs = [{}], sym_name = "dynamic_index_in_dim", sym_visibility = "private"}> ({
  ^bb0(%arg18: tensor<6x5xf32>, %arg19: tensor<i32>):
    %42 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %43 = "stablehlo.dynamic_slice"(%arg18, %arg19, %42) <{slice_sizes = array<i64: 1, 5>}> : (tensor<6x5xf32>, tensor<i32>, tensor<i32>) -> tensor<1x5xf32>
    %44 = "stablehlo.reshape"(%43) : (tensor<1x5xf32>) -> tensor<5xf32>
    "func.return"(%44) : (tensor<5xf32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}, {}], function_type = (tensor<6x5xf32>, tensor<5xf32>, tensor<i32>) -> tensor<6x5xf32>, res_attrs = [{}], sym_name = "dynamic_update_index_in_dim", sym_visibility = "private"}> ({
  ^bb0(%arg15: tensor<6x5xf32>, %arg16: tensor<5xf32>, %arg17: tensor<i32>):
    %39 = "stablehlo.broadcast_in_dim"(%arg16) <{broadcast_dimensions = array<i64: 1>}> : (tensor<5xf32>) -> tensor<1x5xf32>
    %40 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %41 = "stablehlo.dynamic_update_slice"(%arg15, %39, %arg17, %40) : (tensor<6x5xf32>, tensor<1x5xf32>, tensor<i32>, tensor<i32>) -> tensor<6x5xf32>
    "func.return"(%41) : (tensor<6x5xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<30xf32>) -> tensor<i32>, sym_name = "argmax", sym_visibility = "private"}> ({
  ^bb0(%arg10: tensor<30xf32>):
    %26 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<30xi32>
    %27 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %28 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %29:2 = "stablehlo.reduce"(%arg10, %26, %27, %28) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg11: tensor<f32>, %arg12: tensor<i32>, %arg13: tensor<f32>, %arg14: tensor<i32>):
      %30 = "stablehlo.compare"(%arg11, %arg13) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %31 = "stablehlo.compare"(%arg11, %arg11) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %32 = "stablehlo.or"(%30, %31) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %33 = "stablehlo.compare"(%arg11, %arg13) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %34 = "stablehlo.compare"(%arg12, %arg14) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %35 = "stablehlo.and"(%33, %34) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %36 = "stablehlo.or"(%32, %35) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %37 = "stablehlo.select"(%32, %arg11, %arg13) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %38 = "stablehlo.select"(%36, %arg12, %arg14) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%37, %38) : (tensor<f32>, tensor<i32>) -> ()
    }) : (tensor<30xf32>, tensor<30xi32>, tensor<f32>, tensor<i32>) -> (tensor<f32>, tensor<i32>)
    "func.return"(%29#1) : (tensor<i32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}], function_type = (tensor<5xi32>, tensor<i32>) -> tensor<5xi32>, res_attrs = [{}], sym_name = "remainder", sym_visibility = "private"}> ({
  ^bb0(%arg8: tensor<5xi32>, %arg9: tensor<i32>):
    %5 = "stablehlo.convert"(%arg9) : (tensor<i32>) -> tensor<i32>
    %6 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %7 = "stablehlo.compare"(%5, %6) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %8 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %9 = "func.call"(%7, %8, %5) <{callee = @_where}> : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    %10 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5xi32>
    %11 = "stablehlo.remainder"(%arg8, %10) : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
    %12 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %13 = "stablehlo.broadcast_in_dim"(%12) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5xi32>
    %14 = "stablehlo.compare"(%11, %13) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi1>
    %15 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %16 = "stablehlo.broadcast_in_dim"(%15) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5xi32>
    %17 = "stablehlo.compare"(%11, %16) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi1>
    %18 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %19 = "stablehlo.compare"(%9, %18) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %20 = "stablehlo.broadcast_in_dim"(%19) <{broadcast_dimensions = array<i64>}> : (tensor<i1>) -> tensor<5xi1>
    %21 = "stablehlo.compare"(%17, %20) <{compare_type = #stablehlo<comparison_type UNSIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<5xi1>, tensor<5xi1>) -> tensor<5xi1>
    %22 = "stablehlo.and"(%21, %14) : (tensor<5xi1>, tensor<5xi1>) -> tensor<5xi1>
    %23 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5xi32>
    %24 = "stablehlo.add"(%11, %23) : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
    %25 = "stablehlo.select"(%22, %24, %11) : (tensor<5xi1>, tensor<5xi32>, tensor<5xi32>) -> tensor<5xi32>
    "func.return"(%25) : (tensor<5xi32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}, {}], function_type = (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>, res_attrs = [{}], sym_name = "_where", sym_visibility = "private"}> ({
  ^bb0(%arg5: tensor<i1>, %arg6: tensor<i32>, %arg7: tensor<i32>):
    %4 = "stablehlo.select"(%arg5, %arg6, %arg7) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    "func.return"(%4) : (tensor<i32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}, {}], function_type = (tensor<4x5xi1>, tensor<4x5xf32>, tensor<f32>) -> tensor<4x5xf32>, res_attrs = [{}], sym_name = "_where_0", sym_visibility = "private"}> ({
  ^bb0(%arg2: tensor<4x5xi1>, %arg3: tensor<4x5xf32>, %arg4: tensor<f32>):
    %2 = "stablehlo.broadcast_in_dim"(%arg4) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x5xf32>
    %3 = "stablehlo.select"(%arg2, %arg3, %2) : (tensor<4x5xi1>, tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xf32>
    "func.return"(%3) : (tensor<4x5xf32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}], function_type = (tensor<4x5xf32>, tensor<i32>) -> tensor<6x7xf32>, res_attrs = [{}], sym_name = "_pad", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<4x5xf32>, %arg1: tensor<i32>):
    %0 = "stablehlo.convert"(%arg1) : (tensor<i32>) -> tensor<f32>
    %1 = "stablehlo.pad"(%arg0, %0) <{edge_padding_high = array<i64: 1, 1>, edge_padding_low = array<i64: 1, 1>, interior_padding = array<i64: 0, 0>}> : (tensor<4x5xf32>, tensor<f32>) -> tensor<6x7xf32>
    "func.return"(%1) : (tensor<6x7xf32>) -> ()
  }) : () -> ()
}) {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} : () -> ()
